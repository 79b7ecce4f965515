"""What could be done next, answered; and who wants to be asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from records.api.activities import MAY_READ, MAY_WRITE
from records.api.records import get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.hiding import shows_suggestion
from records.domain.moments import moment_text
from records.domain.snapshots import optional_text
from records.domain.suggestion import PREFERENCES, PreferenceNotFound, Suggestion, SuggestionKind, SuggestionState
from records.storage import records, suggestions
from records.usecases.answer_suggestion import answer_suggestion
from shared.database import Tx
from shared.http.authentication import Principal
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.paging import Cursor, Limit, Page, seen_page

router: APIRouter = CommandRouter(tags=["guides"], responses=REFUSALS)


class SuggestionOut(Body):
    id: str
    record: str
    kind: SuggestionKind
    stage: Annotated[str | None, Field(description="The item's stage; of kind stage, the next")]
    item: str | None
    state: SuggestionState
    raised_at: datetime
    answered_at: datetime | None
    answered_by: str | None


class Acceptance(Body):
    always: Annotated[bool, Field(description="Make follow-ups at once from now on, without asking you")] = False


class PreferenceValue(Body):
    value: bool


@router.get("/v1/suggestions", response_model=Page[SuggestionOut], dependencies=[MAY_READ])
async def list_suggestions(
    transaction: Tx,
    workspace: CurrentWorkspace,
    record: Annotated[str | None, Query(description="A record's id")] = None,
    state: SuggestionState = "open",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """In the order in which they were raised."""
    if record:
        await get_record(transaction, workspace, record)

    async def fetch(after: str | None, most: int) -> Sequence[Suggestion]:
        return await suggestions.page(transaction.connection, record, state, after, most)

    async def shows(read: Sequence[Suggestion]) -> Sequence[Suggestion]:
        there = workspace.shown(await records.find(transaction.connection, {each.record_id for each in read}))
        known = {key: workspace.schemas[each.project_id] for key, each in there.items()}
        return [each for each in read if each.record_id in known and shows_suggestion(each, known[each.record_id])]

    page, more = await seen_page(fetch, shows, lambda each: each.id, place_in(cursor, identifier), limit)
    return answer({"items": [_presented(each) for each in page], "next_cursor": more})


@router.post("/v1/suggestions/{id}/accept", response_model=SuggestionOut, dependencies=[MAY_WRITE])
async def accept(
    id: str,  # noqa: A002 — the path's word
    body: Acceptance,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """Make the follow-up, go to the stage, or open the record again."""
    done = await answer_suggestion(transaction, workspace, id, "accepted", always=body.always)
    return answer(_presented(done))


@router.post("/v1/suggestions/{id}/dismiss", response_model=SuggestionOut, dependencies=[MAY_WRITE])
async def dismiss(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    return answer(_presented(await answer_suggestion(transaction, workspace, id, "dismissed")))


@router.get("/v1/preferences/{name}", response_model=PreferenceValue | None)
async def read_preference(name: str, transaction: Tx, caller: Annotated[Principal, MAY_READ]) -> Response:
    """Yours. Null where you chose nothing."""
    chosen = await suggestions.preference_of(transaction.connection, caller.actor, _known(name))
    return Response("null", media_type="application/json") if chosen is None else answer({"value": chosen})


@router.put("/v1/preferences/{name}", response_model=PreferenceValue)
async def set_preference(
    name: str, body: PreferenceValue, transaction: Tx, caller: Annotated[Principal, MAY_READ]
) -> Response:
    """`confirm_suggested_follow_up`: false has the next follow-up made without asking you."""
    await suggestions.set_preference(transaction.connection, caller.actor, _known(name), value=body.value)
    return answer({"value": body.value})


@router.delete("/v1/preferences/{name}", status_code=204)
async def reset_preference(name: str, transaction: Tx, caller: Annotated[Principal, MAY_READ]) -> None:
    """As if you had never chosen."""
    await suggestions.reset_preference(transaction.connection, caller.actor, _known(name))


def _known(name: str) -> str:
    if name not in PREFERENCES:
        raise PreferenceNotFound(f"There is no preference '{name}'; there is {', '.join(sorted(PREFERENCES))}.")
    return name


def _presented(suggestion: Suggestion) -> dict[str, Any]:
    names = ("id", "kind", "stage", "item", "state", "answered_by")
    moments = {"raised_at": moment_text(suggestion.raised_at), "answered_at": optional_text(suggestion.answered_at)}
    return {name: getattr(suggestion, name) for name in names} | {"record": suggestion.record_id} | moments
