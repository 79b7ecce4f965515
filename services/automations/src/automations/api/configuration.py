"""This service's part of a workspace's configuration: its rules."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from automations.api.rules import NewRule
from automations.dependencies import Administrator, Configured
from automations.usecases.install_rules import Installed, install_rules
from automations.usecases.save_rule import Draft
from shared.contracts.records import ProjectChanged
from shared.database import Tx
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/configuration", tags=["configuration"])


class KeyedRule(NewRule):
    """A rule that is known by its key."""

    key: str = Field(min_length=1, max_length=200)


class Part(BaseModel):
    """``projects``: schemas that are about to be true, as in `records.project.changed.v1`.

    Whoever installs a template has not committed them yet. Without them, a rule of a project that is not known here is
    taken on trust: only what shows without a schema is checked.
    """

    model_config = ConfigDict(extra="forbid")

    rules: list[dict[str, Any]] = Field(description="Each as for `POST /v1/rules`, and with a `key`")
    projects: list[ProjectChanged] = []


class Created(BaseModel):
    key: str
    id: str


class Skipped(BaseModel):
    """``pointer`` is the rule's place in the body."""

    pointer: str
    reason: str


class Applied(BaseModel):
    created: list[Created]
    skipped: list[Skipped]


@router.post("/part", summary="Make these rules, by key and project; what is not built is skipped, with its reason")
async def apply_part(body: Part, transaction: Tx, _administrator: Administrator, settings: Configured) -> Applied:
    read = [_read(each) for each in body.rules]
    drafts = {number: each for number, each in enumerate(read) if isinstance(each, Draft)}
    installed = await install_rules(transaction, drafts, body.projects, settings)
    unread = {number: each for number, each in enumerate(read) if isinstance(each, str)}
    return _shown(installed, installed.skipped | unread)


def _read(written: dict[str, Any]) -> Draft | str:
    """The rule, or why it does not read."""
    try:
        return KeyedRule.model_validate(written).draft()
    except ValidationError as error:
        return " ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}." for each in error.errors())


def _shown(installed: Installed, skipped: dict[int, str]) -> Applied:
    return Applied(
        created=[Created(key=key, id=rule_id) for key, rule_id in installed.created],
        skipped=[Skipped(pointer=f"/rules/{number}", reason=reason) for number, reason in sorted(skipped.items())],
    )
