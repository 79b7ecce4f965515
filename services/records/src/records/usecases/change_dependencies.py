"""Letting one record wait for another. A circle is refused, with the way round it."""

from collections.abc import Sequence

from records.domain.identifiers import is_identifier
from records.domain.record import Record, RecordNotFound
from records.domain.work_setting import StillBlocked
from records.domain.workspace import Workspace
from records.storage import dependencies, history, records, work_settings
from records.usecases.lock_record import lock_record
from shared.database import Transaction
from shared.errors import Conflict, FieldError, Forbidden, NotFound


class DependencyCircle(Conflict):
    pass


class DependencyNotFound(NotFound):
    pass


async def add_dependency(
    transaction: Transaction, workspace: Workspace, blocker_id: str, blocked_id: str, place: str
) -> None:
    """``place`` is where the caller named the other. Raises `RecordNotFound`, `DependencyCircle`."""
    blocker, blocked = await _both(transaction, workspace, blocker_id, blocked_id)
    circle = await dependencies.way(transaction.connection, blocked.id, blocker.id)
    if circle:
        way = await _told(transaction, workspace, [*circle, circle[0]])
        raise DependencyCircle.at(place, f"Then these would wait for each other for ever: {way}.")
    if not workspace.may_change(blocked):
        raise Forbidden("Your roles do not let you change the record that would wait.")
    if await dependencies.add(transaction.connection, blocker.id, blocked.id):
        await _note(transaction, "dependency_added", blocker, blocked)


async def remove_dependency(transaction: Transaction, workspace: Workspace, one_id: str, other_id: str) -> None:
    """In whichever direction it is. Raises `DependencyNotFound`."""
    one = await lock_record(transaction, workspace, one_id)
    found = await records.find(transaction.connection, [other_id]) if is_identifier(other_id) else {}
    if not workspace.shown(found) or not await dependencies.remove(transaction.connection, one.id, other_id):
        raise DependencyNotFound(f"Neither of '{one_id}' and '{other_id}' waits for the other.")
    for record_id, other in ((one.id, other_id), (other_id, one.id)):
        await history.note(transaction, record_id, "dependency_removed", {"record": {"before": other, "after": None}})


async def open_blockers(transaction: Transaction, workspace: Workspace, record: Record) -> list[Record]:
    """The records it waits for that are not done."""
    ids = await dependencies.blockers_of(transaction.connection, record.id)
    found = await records.find(transaction.connection, ids) if ids else {}
    return [each for each in workspace.shown(found).values() if each.done_at is None]


async def check_completable(transaction: Transaction, workspace: Workspace, record: Record) -> list[FieldError]:
    """What to warn of when the record is completed. Raises `StillBlocked` where its project refuses that."""
    waiting = [] if record.done_at else await open_blockers(transaction, workspace, record)
    if not waiting:
        return []
    names = ", ".join(f"'{each.title}'" for each in waiting[:5]) + (" and others" if len(waiting) > 5 else "")  # noqa: PLR2004 — enough names
    setting = await work_settings.get(transaction.connection, record.project_id)
    if setting.completing_blocked == "refuse":
        raise StillBlocked.at("/done", f"It waits for {names}; complete those first.")
    return [FieldError("/done", f"It was completed although it waits for {names}.")]


async def _both(
    transaction: Transaction, workspace: Workspace, blocker_id: str, blocked_id: str
) -> tuple[Record, Record]:
    wanted = [each for each in (blocker_id, blocked_id) if is_identifier(each)]
    found = await records.find(transaction.connection, wanted) if wanted else {}
    for each in (blocker_id, blocked_id):
        if each not in found or not workspace.shows(found[each]):
            raise RecordNotFound(each)
    return found[blocker_id], found[blocked_id]


async def _told(transaction: Transaction, workspace: Workspace, ids: Sequence[str]) -> str:
    """The way by its titles, as far as the caller may know of them."""
    there = workspace.shown(await records.find(transaction.connection, ids))
    return " → ".join(there[each].title if each in there else "…" for each in ids)


async def _note(transaction: Transaction, kind: str, blocker: Record, blocked: Record) -> None:
    for record, word, other in ((blocker, "blocking", blocked), (blocked, "blocked_by", blocker)):
        changes = {word: {"before": None, "after": other.id}}
        await history.note(transaction, record.id, kind, changes)
