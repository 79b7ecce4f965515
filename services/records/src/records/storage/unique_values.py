"""Which values are taken: by digest, so that the longest text is found as fast as a number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import asyncpg
import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables.records import record, unique_value
from shared.database.driver import execute, fetch
from shared.errors import Conflict

_FIND = """
    SELECT taken.field, taken.digest, taken.record_id::text AS record_id
    FROM jsonb_to_recordset($2::jsonb) AS wanted(field text, digest text)
    JOIN unique_value AS taken ON taken.project_id = $1::uuid
        AND (taken.field, taken.digest) = (wanted.field, wanted.digest)
    ORDER BY taken.record_id
    """
_FORGET = """DELETE FROM unique_value USING jsonb_to_recordset($1::jsonb) AS gone(record_id uuid, field text)
    WHERE (unique_value.record_id, unique_value.field) = (gone.record_id, gone.field)"""
_KEEP = """INSERT INTO unique_value (record_id, field, project_id, digest, exclusive)
    SELECT record_id, field, $2::uuid, digest, exclusive
    FROM jsonb_to_recordset($1::jsonb) AS given(record_id uuid, field text, digest text, exclusive boolean)
    ON CONFLICT (record_id, field) DO UPDATE SET digest = excluded.digest, exclusive = excluded.exclusive"""


class ValueTaken(Conflict):
    pass


@dataclass(frozen=True)
class Held:
    """One record's value of one field; ``digest`` None where it has none any more."""

    record_id: str
    field: str
    digest: str | None
    exclusive: bool


def digest_of(value: str) -> str:
    """The same for values that differ only in their case."""
    return blake2b(value.casefold().encode(), digest_size=16).hexdigest()


async def holders(
    connection: AsyncConnection, project_id: str, held: Iterable[Held]
) -> dict[tuple[str, str], list[str]]:
    """The records that hold those values, by field and digest."""
    wanted = [{"field": each.field, "digest": each.digest} for each in held if each.digest]
    found: dict[tuple[str, str], list[str]] = {}
    for row in await fetch(connection, _FIND, project_id, orjson.dumps(wanted).decode()):
        found.setdefault((row["field"], row["digest"]), []).append(row["record_id"])
    return found


async def keep(connection: AsyncConnection, project_id: str, held: Sequence[Held]) -> None:
    """Write down who holds what. Raises `ValueTaken` where another took an exclusive value at the same moment."""
    gone = [{"record_id": each.record_id, "field": each.field} for each in held if each.digest is None]
    kept = [vars(each) for each in held if each.digest]
    if gone:
        await execute(connection, _FORGET, orjson.dumps(gone).decode())
    if kept:
        try:
            await execute(connection, _KEEP, orjson.dumps(kept).decode(), project_id)
        except asyncpg.UniqueViolationError as error:
            raise ValueTaken("Another record has one of these values, which only one may have.") from error


async def forget_field(connection: AsyncConnection, project_id: str, field: str) -> None:
    where = (unique_value.c.project_id == project_id, unique_value.c.field == field)
    await connection.execute(delete(unique_value).where(*where))


async def learn_field(connection: AsyncConnection, project_id: str, field: str, *, exclusive: bool) -> bool:
    """Write down who holds which values of a field from now on. False where two hold the same exclusive one."""
    value = record.c["values"][field].astext
    here = (record.c.project_id == project_id, record.c.deleted_at.is_(None), value.is_not(None))
    found = [(row[0], digest_of(row[1])) for row in await connection.execute(select(record.c.id, value).where(*here))]
    if exclusive and len({digest for _, digest in found}) < len(found):
        return False
    rows: list[dict[str, Any]] = [
        {"record_id": id_, "field": field, "project_id": project_id, "digest": digest, "exclusive": exclusive}
        for id_, digest in found
    ]
    if rows:
        await connection.execute(insert(unique_value), rows)
    return True
