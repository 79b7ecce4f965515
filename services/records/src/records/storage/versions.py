"""Writing versions of records: every row of them, of one record or of a thousand, in one statement."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from records.domain.phones import numbers_in
from records.domain.record import Record
from records.domain.versions import Version
from shared.database import Transaction
from shared.database.driver import execute
from shared.database.transaction import leave_sql
from shared.errors import Conflict

# The columns of `record` that a version says; its position is another matter.
_COLUMNS = {
    "id": "uuid",
    "project_id": "uuid",
    "list": "text",
    "title": "text",
    "description": "text",
    "values": "jsonb",
    "tags": "text[]",
    "assignees": "text[]",
    "color": "text",
    "due_at": "timestamptz",
    "done_at": "timestamptz",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "entered_list_at": "timestamptz",
    "last_activity_at": "timestamptz",
    "next_activity_at": "timestamptz",
    "snoozed_until": "timestamptz",
    "deleted_at": "timestamptz",
    "version": "bigint",
    "imported": "boolean",
    "probability": "text",
    "probability_source": "text",
    "outcome": "jsonb",
}
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_TYPED = ", ".join(f'"{name}" {kind}' for name, kind in _COLUMNS.items())
_CHANGING = ", ".join(f'"{name}" = given."{name}"' for name in _COLUMNS if name not in ("id", "created_at", "imported"))
_GIVEN = f"given AS (SELECT * FROM jsonb_to_recordset($1::jsonb -> 'records') AS given({_TYPED}))"  # noqa: S608 — as below
_LINKS = """INSERT INTO link SELECT * FROM jsonb_to_recordset($1::jsonb -> 'links')
    AS given(record_id uuid, field text, target_id uuid, position integer)"""
_PHONES = """INSERT INTO phone SELECT * FROM jsonb_to_recordset($1::jsonb -> 'phones')
    AS given(record_id uuid, field text, number text)"""
_STAGES = """INSERT INTO stage_entry SELECT * FROM jsonb_to_recordset($1::jsonb -> 'stages')
    AS given(record_id uuid, number integer, list text, entered_at timestamptz, left_at timestamptz)"""
_CHANGES = """INSERT INTO change SELECT * FROM jsonb_to_recordset($1::jsonb -> 'changes')
    AS given(record_id uuid, version bigint, at timestamptz, actor text, kind text, changes jsonb)"""
_TELL = leave_sql(2)

_ADD = f"""
    WITH {_GIVEN},
    added AS (INSERT INTO record ({_NAMES}) SELECT {_NAMES} FROM given),
    links AS ({_LINKS}), phones AS ({_PHONES}), stages AS ({_STAGES}), told AS ({_TELL})
    {_CHANGES}
    """  # noqa: S608 — names of our own columns

# Each kind of row is either removed or written, never both: the parts of one statement do not see each other.
_CHANGE = f"""
    WITH {_GIVEN},
    changed AS (UPDATE record SET {_CHANGING} FROM given WHERE record.id = given.id),
    unlinked AS (DELETE FROM link USING jsonb_to_recordset($1::jsonb -> 'unlinked')
        AS gone(record_id uuid, field text, target_id uuid) WHERE (link.record_id, link.field, link.target_id)
        = (gone.record_id, gone.field, gone.target_id)),
    links AS ({_LINKS} ON CONFLICT (record_id, field, target_id) DO UPDATE SET position = excluded.position),
    unlisted AS (DELETE FROM phone USING jsonb_to_recordset($1::jsonb -> 'unlisted')
        AS gone(record_id uuid, field text) WHERE (phone.record_id, phone.field) = (gone.record_id, gone.field)),
    phones AS ({_PHONES} ON CONFLICT (record_id, field) DO UPDATE SET number = excluded.number),
    stages AS ({_STAGES} ON CONFLICT (record_id, number) DO UPDATE SET left_at = excluded.left_at),
    told AS ({_TELL})
    {_CHANGES}
    """  # noqa: S608 — names of our own columns

Rows = list[dict[str, Any]]


@dataclass
class _Rows:
    """The rows of one statement, by table; it takes them as one parameter."""

    records: Rows = field(default_factory=list)
    links: Rows = field(default_factory=list)
    unlinked: Rows = field(default_factory=list)
    phones: Rows = field(default_factory=list)
    unlisted: Rows = field(default_factory=list)
    stages: Rows = field(default_factory=list)
    changes: Rows = field(default_factory=list)

    def as_json(self) -> str:
        return orjson.dumps(vars(self)).decode()


class ListGone(Conflict):
    pass


async def add(transaction: Transaction, versions: Sequence[Version], phone_fields: Sequence[str]) -> None:
    """Write the first versions of new records, and whatever was published by now."""
    await _write(transaction, _ADD, versions, phone_fields)


async def change(transaction: Transaction, versions: Sequence[Version], phone_fields: Sequence[str]) -> None:
    """Write further versions of records that are locked, and whatever was published by now."""
    await _write(transaction, _CHANGE, versions, phone_fields)


async def _write(
    transaction: Transaction, statement: str, versions: Sequence[Version], phone_fields: Sequence[str]
) -> None:
    rows = _rows(versions, phone_fields, transaction.actor).as_json()
    with _lists_may_go():
        await execute(transaction.connection, statement, rows, *transaction.leaving())


@contextmanager
def _lists_may_go() -> Iterator[None]:
    """A list that is removed at the same moment: the one case in which a checked record cannot be written."""
    try:
        yield
    except asyncpg.ForeignKeyViolationError as error:
        raise ListGone("The list was removed just now. Read the project again.") from error


def _rows(versions: Iterable[Version], phone_fields: Sequence[str], actor: str | None) -> _Rows:
    rows = _Rows()
    for version in versions:
        before, after = version.before, version.after
        rows.records.append({name: getattr(after, name) for name in _COLUMNS})
        _add_links(rows, before.links if before else {}, after)
        _add_phones(rows, before.values if before else {}, after, phone_fields)
        _add_stages(rows, before, after)
        rows.changes.append(_change_row(version, after.updated_at, actor))
    return rows


def _add_links(rows: _Rows, before: Mapping[str, Sequence[str]], after: Record) -> None:
    for key in {*before, *after.links}:
        old, new = before.get(key, ()), after.links.get(key, ())
        if list(old) != list(new):
            base = {"record_id": after.id, "field": key}
            rows.unlinked += [base | {"target_id": each} for each in old if each not in new]
            rows.links += [base | {"target_id": each, "position": place} for place, each in enumerate(new)]


def _add_phones(rows: _Rows, before: Mapping[str, Any], after: Record, phone_fields: Sequence[str]) -> None:
    old, new = numbers_in(before, phone_fields), numbers_in(after.values, phone_fields)
    rows.unlisted += [{"record_id": after.id, "field": key} for key in old if key not in new]
    rows.phones += [
        {"record_id": after.id, "field": key, "number": number} for key, number in new.items() if old.get(key) != number
    ]


def _add_stages(rows: _Rows, before: Record | None, after: Record) -> None:
    """Stays are only ever added at the end, and the one before ended."""
    known = before.stages if before else ()
    first = next((n for n, (old, new) in enumerate(zip(known, after.stages, strict=False)) if old != new), len(known))
    for number, stay in enumerate(after.stages[first:], first):
        rows.stages.append({"record_id": after.id, "number": number, **vars(stay)})


def _change_row(version: Version, at: datetime, actor: str | None) -> dict[str, Any]:
    return {
        "record_id": version.after.id,
        "version": version.after.version,
        "at": at,
        "actor": actor,
        "kind": version.kind,
        "changes": version.changes,
    }
