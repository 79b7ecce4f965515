"""The numbers that fields of the type unique_id give out: one sequence a field, so that nobody waits for anybody."""

from hashlib import blake2b

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.driver import fetch


async def begin(connection: AsyncConnection, project_id: str, field: str, start: int) -> None:
    """It outlives the field, whose key is never given to another."""
    await connection.execute(text(f"CREATE SEQUENCE {_name(project_id, field)} MINVALUE 0 START WITH {int(start)}"))


async def take(connection: AsyncConnection, project_id: str, field: str, count: int) -> list[int]:
    """So many numbers, in order. Those of a change that fails are not given again."""
    statement = "SELECT nextval($1::text::regclass) AS number FROM generate_series(1, $2)"
    return sorted(row["number"] for row in await fetch(connection, statement, _name(project_id, field), count))


def _name(project_id: str, field: str) -> str:
    return "number_" + blake2b(f"{project_id}/{field}".encode(), digest_size=16).hexdigest()
