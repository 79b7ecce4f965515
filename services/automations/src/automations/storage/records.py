"""The replica of records: the newest snapshot of each, found by id and by what it references."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, func, select

from automations.domain.activity import LastActivity
from automations.domain.hops import Hops
from automations.domain.occurrences import Watched
from automations.storage.matching import one_of
from automations.storage.tables import pick, record, record_activity
from shared.contracts.records import RecordSnapshot
from shared.database import Transaction
from shared.expressions import Back

_alive = record.c.deleted.is_(False)
_open = and_(_alive, record.c.list_category == "open")


async def get(transaction: Transaction, ids: Iterable[str]) -> dict[str, RecordSnapshot]:
    """The snapshots of those that are known and not deleted."""
    statement = select(record.c.snapshot).where(one_of(record.c.id, ids), _alive)
    found = (RecordSnapshot.model_validate(row.snapshot) for row in await transaction.execute(statement))
    return {each.id: each for each in found}


async def open_referencing(transaction: Transaction, record_id: str, project: str) -> list[RecordSnapshot]:
    """The project's open records with a reference to this one, the most recently active first; at most twenty."""
    refers = record.c.links_to.contains([record_id])
    statement = select(record.c.snapshot).where(refers, record.c.project == project, _open)
    newest = statement.order_by(record.c.last_activity_at.desc()).limit(20)
    return [RecordSnapshot.model_validate(row.snapshot) for row in await transaction.execute(newest)]


async def referencing(transaction: Transaction, record_id: str, project: str) -> list[RecordSnapshot]:
    """The project's records with a reference to this one, the most recently active first; at most two hundred."""
    refers = record.c.links_to.contains([record_id])
    statement = select(record.c.snapshot).where(refers, record.c.project == project, _alive)
    newest = statement.order_by(record.c.last_activity_at.desc()).limit(200)
    return [RecordSnapshot.model_validate(row.snapshot) for row in await transaction.execute(newest)]


async def are_referenced(
    transaction: Transaction, ids: Iterable[str], relations: Iterable[tuple[str, str]]
) -> frozenset[tuple[str, str, str]]:
    """(project, link field, id) for each of the records that some record of the project references by that field."""
    found: set[tuple[str, str, str]] = set()
    wanted = set(ids)
    for project, link in relations:
        refers = record.c.links_to.overlap(list(wanted))
        statement = select(record.c.snapshot["links"][link].label("ids")).where(
            refers, record.c.project == project, _alive
        )
        linked = {each for row in await transaction.execute(statement) for each in row.ids or ()}
        found |= {(project, link, each) for each in wanted & linked}
    return frozenset(found)


@dataclass
class Related:
    """Records that others lead to, by id; ``missing`` were never heard of.

    ``linking``: those that lead to others, by their project, the link field, and the record that they lead to.
    """

    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    linking: dict[tuple[str, str, str], list[dict[str, Any]]] = field(default_factory=dict)


async def related(transaction: Transaction, records: Iterable[RecordSnapshot], hops: Iterable[Hops]) -> Related:
    """Follow the chains of references, all records step by step. ``hops`` holds every chain with its beginnings."""
    chains = sorted(set(hops), key=len)
    reached: dict[Hops, list[dict[str, Any]]] = {(): [each.model_dump(mode="json") for each in records]}
    result = Related()
    for length in range(1, len(chains[-1]) + 1 if chains else 1):
        level = [chain for chain in chains if len(chain) == length]
        ids = {
            chain: [each for start in reached.get(chain[:-1], []) for each in start["links"].get(chain[-1], [])]
            for chain in level
        }
        await _fetch(transaction, {each for some in ids.values() for each in some}, result)
        reached |= {
            chain: [result.snapshots[each] for each in some if each in result.snapshots] for chain, some in ids.items()
        }
        for chain in level:
            if isinstance(chain[-1], Back):
                reached[chain] = await _back(transaction, chain[-1], reached.get(chain[:-1], []), result)
    return result


async def _back(
    transaction: Transaction, back: Back, targets: Iterable[dict[str, Any]], into: Related
) -> list[dict[str, Any]]:
    """The living records of the project that link to these by that field."""
    wanted = {each["id"] for each in targets}
    refers = record.c.links_to.overlap(list(wanted))
    statement = select(record.c.snapshot).where(refers, record.c.project == back.project, _alive)
    found = [row.snapshot for row in await transaction.execute(statement)]
    for target in wanted:
        linking = [each for each in found if target in each["links"].get(back.field, ())]
        into.linking[back.project, back.field, target] = linking
    into.snapshots |= {each["id"]: each for each in found}
    return found


async def _fetch(transaction: Transaction, ids: set[str], into: Related) -> None:
    wanted = ids - into.snapshots.keys() - into.missing
    if not wanted:
        return
    statement = select(record.c.id, record.c.deleted, record.c.snapshot).where(one_of(record.c.id, wanted))
    rows = (await transaction.execute(statement)).all()
    into.snapshots |= {row.id: row.snapshot for row in rows if not row.deleted}
    into.missing |= wanted - {row.id for row in rows}


async def watched(transaction: Transaction, ids: Iterable[str]) -> dict[str, Watched]:
    """The records with their past, of those that are known and not deleted."""
    asked = tuple(ids)
    rows = (await transaction.execute(_WATCHED.where(one_of(record.c.id, asked)))).all()
    past = await _past(transaction, asked)
    return {
        row.id: Watched(RecordSnapshot.model_validate(row.snapshot), past.get(row.id, LastActivity()), row.seen_at)
        for row in rows
    }


_WATCHED = select(record.c.id, record.c.snapshot, record.c.seen_at).where(_alive)


async def _past(transaction: Transaction, ids: tuple[str, ...]) -> dict[str, LastActivity]:
    sorted_out: dict[str, tuple[dict[str, datetime], dict[str, datetime]]] = {}
    for row in await transaction.execute(select(record_activity).where(one_of(record_activity.c.record_id, ids))):
        sorted_out.setdefault(row.record_id, ({}, {}))[row.by_rule][row.kind] = row.at
    return {each: LastActivity(by_people, by_rules) for each, (by_people, by_rules) in sorted_out.items()}


async def loads(transaction: Transaction, users: Iterable[str]) -> dict[str, int]:
    """How many open records each user has, and will have once what was decided here comes back as events."""
    candidates = list(users)
    assigned = func.unnest(record.c.assignees, type_=Text).label("user")
    of_user = select(assigned, record.c.id.label("record")).where(_open, record.c.assignees.overlap(candidates))
    decided = (
        select(pick.c.user_id.label("user"), record.c.id.label("record"))
        .join(record, record.c.id == pick.c.record_id)
        .where(_open, record.c.assignees == [], one_of(pick.c.user_id, candidates))
    )
    both = of_user.union(decided).subquery()
    count = func.count().label("load")
    statement = select(both.c.user, count).where(one_of(both.c.user, candidates)).group_by(both.c.user)
    return {row.user: row.load for row in await transaction.execute(statement)}
