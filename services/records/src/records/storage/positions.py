"""Where a record stands among those of its list."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.identifiers import is_identifier
from records.domain.record import Record

_LAST = text("UPDATE record SET position = nextval('record_position') WHERE id = CAST(:id AS uuid)")

# Halfway between the one it shall precede and that one's predecessor.
_BEFORE = text(
    """
    WITH next AS (
        SELECT position FROM record WHERE id = CAST(:before AS uuid)
        AND project_id = CAST(:project_id AS uuid) AND list = :list AND deleted_at IS NULL),
    previous AS (
        SELECT max(record.position) AS position FROM record, next
        WHERE project_id = CAST(:project_id AS uuid) AND list = :list AND record.position < next.position
        AND id <> CAST(:id AS uuid))
    UPDATE record SET position = trim_scale((coalesce(previous.position, next.position - 2) + next.position) * 0.5)
    FROM next, previous WHERE id = CAST(:id AS uuid)
    """
)


async def put_last(connection: AsyncConnection, record_id: str) -> None:
    await connection.execute(_LAST, {"id": record_id})


async def put_before(connection: AsyncConnection, record: Record, before: str) -> bool:
    """False where ``before`` does not stand in the record's list."""
    if not is_identifier(before):
        return False
    parameters = {"id": record.id, "before": before, "project_id": record.project_id, "list": record.list}
    return (await connection.execute(_BEFORE, parameters)).rowcount == 1
