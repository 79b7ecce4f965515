"""What was uploaded, and which records hold it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.file import File, FileNotFound
from records.domain.versions import Version
from records.storage.tables.records import file, file_use

UNUSED_KEPT = timedelta(days=1)


async def add(connection: AsyncConnection, new: File) -> None:
    await connection.execute(insert(file).values(vars(new)))


async def find(connection: AsyncConnection, ids: Collection[str]) -> dict[str, File]:
    rows = await connection.execute(select(file).where(file.c.id.in_(ids)))
    return {row.id: File(**row._mapping) for row in rows}  # noqa: SLF001 — SQLAlchemy's public name for it


async def get(connection: AsyncConnection, file_id: str) -> File:
    """Raises `FileNotFound`."""
    found = await find(connection, [file_id])
    if file_id not in found:
        raise FileNotFound(file_id)
    return found[file_id]


async def uses(connection: AsyncConnection, file_id: str) -> list[tuple[str, str]]:
    """The records that hold the file, each with the field it is in."""
    rows = await connection.execute(select(file_use).where(file_use.c.file_id == file_id))
    return [(row.record_id, row.field) for row in rows]


async def keep_uses(connection: AsyncConnection, versions: Iterable[Version], fields: Sequence[str]) -> None:
    """Write down what these versions took up and let go."""
    taken, gone = list[tuple[str, str, str]](), list[tuple[str, str, str]]()
    for version in versions:
        old, new = _uses(version.before, fields), _uses(version.after, fields)
        taken += new - old
        gone += old - new
    if gone:
        columns = tuple_(file_use.c.file_id, file_use.c.record_id, file_use.c.field)
        await connection.execute(delete(file_use).where(columns.in_(gone)))
    if taken:
        rows = [dict(zip(("file_id", "record_id", "field"), each, strict=True)) for each in taken]
        await connection.execute(upsert(file_use).on_conflict_do_nothing(), rows)


async def forget_unused(connection: AsyncConnection, most: int) -> list[str]:
    """Forget files that no record took up within a day, or has any more; the digests of those forgotten."""
    unused = ~exists().where(file_use.c.file_id == file.c.id) & (file.c.created_at < func.app_now() - UNUSED_KEPT)
    picked = select(file.c.id).where(unused).limit(most).with_for_update(skip_locked=True)
    rows = await connection.execute(delete(file).where(file.c.id.in_(picked)).returning(file.c.sha256))
    return [row.sha256 for row in rows]


async def with_bytes(connection: AsyncConnection, digests: Collection[str]) -> set[str]:
    """Those of the digests that files have."""
    found = select(file.c.sha256).where(file.c.sha256.in_(digests)).distinct()
    return {row.sha256 for row in await connection.execute(found)}


async def lock_bytes(connection: AsyncConnection, sha256: str) -> bool:
    """Hold the bytes of that digest until the commit; whether any file has them."""
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"file/{sha256}"}
    )
    return (await connection.execute(select(file.c.id).where(file.c.sha256 == sha256).limit(1))).first() is not None


def _uses(record: Any, fields: Sequence[str]) -> set[tuple[str, str, str]]:
    return {(each["id"], record.id, key) for key in fields for each in record.values.get(key, ())} if record else set()
