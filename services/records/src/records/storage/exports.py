"""Files that exports wrote, in pieces."""

from datetime import timedelta
from typing import IO

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables.transfers import export_part

PIECE = 1 << 20
_EXPIRED = text(
    """
    DELETE FROM export_part USING job WHERE job.id = export_part.job_id AND job.kind = 'person_export'
      AND job.created_at < app_now() - CAST(:kept AS interval)
    """
)


async def keep(connection: AsyncConnection, job_id: str, file: IO[bytes]) -> None:
    await connection.execute(delete(export_part).where(export_part.c.job_id == job_id))
    for number, content in enumerate(iter(lambda: file.read(PIECE), b"")):
        await connection.execute(insert(export_part).values(job_id=job_id, number=number, content=content))


async def read(connection: AsyncConnection, job_id: str) -> bytes:
    pieces = select(export_part.c.content).where(export_part.c.job_id == job_id).order_by(export_part.c.number)
    return b"".join((await connection.execute(pieces)).scalars())


async def forget_expired(connection: AsyncConnection, kept: timedelta) -> None:
    """What a person was told of themselves, after its time."""
    await connection.execute(_EXPIRED, {"kept": kept})
