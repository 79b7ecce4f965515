"""Saying yes or no to a suggestion."""

from dataclasses import replace
from typing import Literal

from records.domain.identifiers import is_identifier
from records.domain.record import RecordNotFound
from records.domain.suggestion import CONFIRM_FOLLOW_UP, AlreadyAnswered, Suggestion, SuggestionNotFound
from records.domain.workspace import Workspace
from records.storage import suggestions
from records.usecases.lock_record import lock_record
from records.usecases.set_outcome import clear_outcome
from records.usecases.take_guide_step import create_follow_up, enter_stage
from shared.database import Transaction


async def answer_suggestion(
    transaction: Transaction,
    workspace: Workspace,
    suggestion_id: str,
    answer: Literal["accepted", "dismissed"],
    *,
    always: bool = False,
    language: str = "",
) -> Suggestion:
    """Accepted, it is done now. ``always``: the caller is not asked again for follow-ups.

    Raises `SuggestionNotFound`, `AlreadyAnswered`.
    """
    known = await suggestions.find(transaction.connection, suggestion_id) if is_identifier(suggestion_id) else None
    if known is None:
        raise SuggestionNotFound(f"There is no suggestion '{suggestion_id}'.")
    try:
        await lock_record(transaction, workspace, known.record_id)
    except RecordNotFound as gone:
        raise SuggestionNotFound(f"There is no suggestion '{suggestion_id}'.") from gone
    if known.state != "open":
        raise AlreadyAnswered(f"This suggestion was {known.state} already.")
    after = replace(known, state=answer, answered_at=transaction.now, answered_by=transaction.actor)
    await suggestions.change(transaction.connection, after)
    if answer == "accepted":
        await _do(transaction, workspace, known, language)
    if always and transaction.actor:
        await suggestions.set_preference(transaction.connection, transaction.actor, CONFIRM_FOLLOW_UP, value=False)
    return after


async def _do(transaction: Transaction, workspace: Workspace, accepted: Suggestion, language: str) -> None:
    match accepted.kind, accepted.item or accepted.stage:
        case "follow_up", str(item):
            await create_follow_up(transaction, workspace, accepted.record_id, item, {}, language)
        case "stage", str(stage):
            await enter_stage(transaction, workspace, accepted.record_id, stage)
        case _:
            await clear_outcome(transaction, workspace, accepted.record_id)
