"""Expression indexes of fields: asked for by queries of large projects, made and dropped by a worker."""

import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.domain.workspace import Workspace
from records.storage.tables.records import field_index, record
from shared.expressions.postgres_indexes import FieldIndex

LARGE = 5_000
MOST = 20
AGAIN_S = timedelta(minutes=1).total_seconds()

# When one process asked last, by database and name: most queries have nothing new to ask for.
_asked: WeakKeyDictionary[AsyncEngine, dict[str, float]] = WeakKeyDictionary()

_ASK = text(
    f"""
    INSERT INTO field_index (name, project_id, field, expression, state, asked_at)
    SELECT :name, :index_project, :field, :keys, 'wanted', now()
    WHERE (SELECT count(*) FROM (
            SELECT FROM record WHERE project_id = :project AND deleted_at IS NULL LIMIT {LARGE + 1}
        ) AS living) > {LARGE}
        AND (SELECT count(*) FROM field_index WHERE project_id = :index_project) < {MOST}
    ON CONFLICT DO NOTHING
    """  # noqa: S608 — our own numbers
)


async def ask_for(
    connection: AsyncConnection, workspace: Workspace, project: str, indexes: Collection[FieldIndex]
) -> None:
    """Ask for those that there are not yet, if the project is large."""
    asked = _asked.setdefault(connection.engine, {})
    now = time.monotonic()
    for index in indexes:
        if index.name not in workspace.indexes and now - asked.get(index.name, -AGAIN_S) >= AGAIN_S:
            asked[index.name] = now
            given = {"name": index.name, "index_project": index.project_id, "field": index.field, "keys": index.keys}
            given["project"] = workspace.by_key[project].project.id
            await connection.execute(_ASK, given)


async def known(connection: AsyncConnection) -> Sequence[Row[tuple[str, str, str, str, str]]]:
    """(name, project_id, field, expression, state) of each, in the order asked for."""
    columns = (field_index.c[name] for name in ("name", "project_id", "field", "expression", "state"))
    return (await connection.execute(select(*columns).order_by(field_index.c.asked_at))).all()


async def make(connection: AsyncConnection, index: FieldIndex) -> bool:
    """Whether it could be made. Outside of any transaction; what an attempt that was cut short left goes first."""
    await drop(connection, index.name)
    try:
        await connection.exec_driver_sql(index.definition(record.name))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        await drop(connection, index.name)
        return False
    await connection.exec_driver_sql(f"ANALYZE {record.name}")
    return True


async def drop(connection: AsyncConnection, name: str) -> None:
    """Outside of any transaction."""
    await connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


async def settle(connection: AsyncConnection, name: str, *, ready: bool) -> None:
    state = "ready" if ready else "refused"
    await connection.execute(update(field_index).where(field_index.c.name == name).values(state=state))


async def forget(connection: AsyncConnection, name: str) -> None:
    await connection.execute(delete(field_index).where(field_index.c.name == name))
