"""The guides of a project."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, Field

from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.guide import (
    FALLBACK,
    LONGEST_NAME,
    LONGEST_OUR_REF,
    LONGEST_PURPOSE,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    AdvanceMode,
    GuideKind,
    OutcomeState,
)
from records.domain.hiding import seen_guide
from records.domain.moments import moment_text
from records.domain.schema import Schema
from records.storage import guides
from records.storage.guides import StoredGuide
from records.usecases.change_guides import create_guide, edit_guide, get_guide
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}/guides", tags=["guides"], responses=REFUSALS)
MAY_READ, MAY_ADMINISTER = Depends(requires("read")), Depends(requires("admin"))

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["first_meeting"])]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]


def _at_most(longest: int) -> AfterValidator:
    def check(texts: str | dict[str, str]) -> str | dict[str, str]:
        for each in texts.values() if isinstance(texts, dict) else (texts,):
            if len(each) > longest:
                raise ValueError(f"a text may have at most {longest:,} characters")
        return texts

    return AfterValidator(check)


# A text, or one by language.
Texts = str | dict[Language, str]
EMPTY: Any = Field(default_factory=dict)
Name = Annotated[Texts, _at_most(LONGEST_NAME), Field(examples=[{"en": "First meeting", "nl": "Eerste gesprek"}])]
Purpose = Annotated[Texts, _at_most(LONGEST_PURPOSE), EMPTY]
Text = Annotated[Texts, _at_most(LONGEST_TEXT), EMPTY]
Subject = Annotated[Texts, _at_most(LONGEST_SUBJECT), EMPTY]
Rank = Annotated[int, Field(ge=0, le=10_000)]


class FollowUpIn(Body):
    key: Key
    name: Name
    rank: Rank = 0
    purpose: Purpose
    text: Text
    type: Annotated[str, Field(max_length=63, description="What kind of activity it is", examples=["phone_out"])] = (
        "task"
    )
    auto_suggest: Annotated[bool, Field(description="Suggest it when the follow-up before it is done")] = False
    required: Annotated[bool, Field(description="The stage is not complete without it")] = True
    start_offset_days: Annotated[
        int,
        Field(ge=0, le=3_650, description="In a sale after the follow-up before it, in a project after today"),
    ] = 0
    duration_minutes: Annotated[int, Field(ge=0, le=100_000)] = 0
    milestone: bool = False
    assign_to_member: Annotated[bool, Field(description="Assign it to the record's first assignee")] = False


class DocumentIn(Body):
    key: Key
    name: Name
    rank: Rank = 0
    purpose: Purpose
    template: Annotated[Key, Field(description="The document template's key", examples=["quotation"])]
    subject: Subject
    our_ref: Annotated[str, Field(max_length=LONGEST_OUR_REF, examples=["{{ record.title }}"])] = ""
    required: bool = True


class StageIn(Body):
    key: Annotated[Key, Field(description="A list's key, where the stages are the project's lists")]
    name: Annotated[Texts, _at_most(LONGEST_NAME), EMPTY]
    rank: Rank
    probability: Annotated[int | None, Field(ge=0, le=100, description="A percentage")] = None
    follow_ups: Annotated[Sequence[FollowUpIn], Field(max_length=100)] = ()
    documents: Annotated[Sequence[DocumentIn], Field(max_length=100)] = ()


class ReasonIn(Body):
    key: Key
    name: Name


class OutcomeRuleIn(Body):
    require: Annotated[
        Sequence[str], Field(description="`reason`, `reopen_on`, `note` or a field's key", examples=[["reason"]])
    ] = ()
    reasons: Annotated[Sequence[ReasonIn], Field(max_length=200, description="Those there are; none: any text")] = ()


class ConditionIn(Body):
    field: Annotated[str, Field(description="A select field's key", examples=["sale_type"])]
    values: Annotated[Sequence[str], Field(min_length=1, max_length=100, examples=[["new_customer"]])]


class GuideIn(Body):
    """Records that the condition suits follow it; of several guides the one of the lowest rank."""

    key: Key
    name: Name
    kind: GuideKind = "sale"
    stages_are: Annotated[
        Literal["lists", "own"], Field(description="The project's lists, or stages of the guide's own beside them")
    ] = "lists"
    advance_mode: Annotated[
        AdvanceMode, Field(description="What a complete stage leads to: nothing, a suggestion, or the next stage")
    ] = "suggest"
    rank: Rank = 0
    estimated_duration: Annotated[
        str | None,
        Field(
            pattern=r"^P[1-9][0-9]{0,3}[DWMY]$",
            description="How long it usually takes: a new record that says nothing of it is due then",
            examples=["P3M"],
        ),
    ] = None
    applies_to: Annotated[ConditionIn | None, Field(description="Without it, all records of the project")] = None
    stages: Annotated[Sequence[StageIn], Field(max_length=50)]
    outcomes: Annotated[dict[OutcomeState, OutcomeRuleIn], EMPTY]


class NewGuideIn(GuideIn):
    active: bool = True


class GuideChange(Body):
    """A `definition` is whole, and the next version."""

    definition: GuideIn | None = None
    active: bool | None = None


class GuideOut(Body):
    id: str
    key: str
    active: bool
    version: int
    definition: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class VersionOut(Body):
    version: int
    definition: dict[str, Any]
    at: datetime
    actor: str | None


@router.get("", response_model=Page[GuideOut], dependencies=[MAY_READ])
async def list_guides(project: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:
    """All of them, in their newest versions."""
    schema = workspace.schema(project)
    found = await guides.of_project(transaction.connection, schema.project.id)
    return answer({"items": [_presented(each, schema) for each in found], "next_cursor": None})


@router.post("", status_code=201, response_model=GuideOut, dependencies=[MAY_ADMINISTER])
async def add_guide(project: str, body: NewGuideIn, transaction: Tx) -> Response:
    """Records made or changed from now on follow it, where it suits them."""
    return answer(_presented(await create_guide(transaction, project, definition_of(body), active=body.active)), 201)


@router.get("/{key}", response_model=GuideOut, dependencies=[MAY_READ])
async def read_guide(project: str, key: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:
    schema = workspace.schema(project)
    return answer(_presented(await get_guide(transaction, schema, key), schema))


@router.patch("/{key}", response_model=GuideOut, dependencies=[MAY_ADMINISTER])
async def change_guide(project: str, key: str, body: GuideChange, transaction: Tx) -> Response:
    """Records that follow it already go on with the version they began with. The key stays."""
    definition = definition_of(body.definition) | {"key": key} if body.definition else None
    return answer(_presented(await edit_guide(transaction, project, key, definition, active=body.active)))


@router.delete("/{key}", status_code=204, dependencies=[MAY_ADMINISTER])
async def put_guide_away(project: str, key: str, transaction: Tx) -> None:
    """No record begins it any more. It is kept, for those that follow it, and may be made active again."""
    await edit_guide(transaction, project, key, None, active=False)


@router.get("/{key}/versions", response_model=Page[VersionOut], dependencies=[MAY_READ])
async def list_versions(project: str, key: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:
    """The newest first. A version never changes."""
    schema = workspace.schema(project)
    found = await get_guide(transaction, schema, key)
    rows = await guides.versions(transaction.connection, found.id)
    shown = [
        {
            "version": row["version"],
            "definition": seen_guide(row["definition"], schema),
            "at": moment_text(row["at"]),
            "actor": row["actor"],
        }
        for row in rows
    ]
    return answer({"items": shown, "next_cursor": None})


def definition_of(body: GuideIn) -> dict[str, Any]:
    """As it is stored: whole, and each text by language."""
    definition: dict[str, Any] = _by_language(body.model_dump(mode="json", exclude={"active"}))
    return definition


def _by_language(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_by_language(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    worded = {"name", "purpose", "text", "subject"}
    return {
        name: {FALLBACK: each} if name in worded and isinstance(each, str) else _by_language(each)
        for name, each in tree.items()
    }


def _presented(guide: StoredGuide, schema: Schema | None = None) -> dict[str, Any]:
    moments = {name: moment_text(getattr(guide, name)) for name in ("created_at", "updated_at")}
    parts = {name: getattr(guide, name) for name in ("id", "key", "active", "version")}
    definition = seen_guide(guide.definition, schema) if schema else guide.definition
    return parts | moments | {"definition": definition}
