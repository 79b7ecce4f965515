"""Indexes of fields: made when queries of a large project asked for them, dropped when their field is gone."""

import asyncio
import logging

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.workspace import Workspace
from records.storage import field_indexes, workspaces
from records.storage.queries import layout_of
from shared.errors import Invalid, Unavailable
from shared.expressions import find_operand
from shared.expressions.postgres_indexes import FieldIndex, of_field
from shared.http.application import Parts

POLL_S = 10.0
_LOCK = text("SELECT pg_try_advisory_lock(hashtext('field_index'))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtext('field_index'))")

log = logging.getLogger(__name__)


async def index_fields(parts: Parts) -> None:
    """Look again and again, until cancelled."""
    while True:
        try:
            await once(parts)
        except Unavailable as error:
            log.warning("indexes wait for the database: %s", error)
        await asyncio.sleep(POLL_S)


async def once(parts: Parts) -> None:
    """Bring the indexes to what they should be now. One process at a time; building takes place beside writers."""
    async with parts.database.transaction() as transaction:
        rows = await field_indexes.known(transaction.connection)
        workspace = await workspaces.current(transaction.connection)
    stale = [row.name for row in rows if _still_meant(workspace, row.project_id, row.field, row.name) is None]
    wanted = [row for row in rows if row.state == "wanted" and row.name not in stale]
    if not (stale or wanted):
        return
    async with parts.database.engine.connect() as opened:
        connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
        if not (await connection.execute(_LOCK)).scalar_one():
            return
        try:
            for name in stale:
                await _drop(connection, name)
            for row in wanted:
                index = _still_meant(workspace, row.project_id, row.field, row.name)
                await _make(connection, index) if index else None
        finally:
            await connection.execute(_UNLOCK)


async def _make(connection: AsyncConnection, index: FieldIndex) -> None:
    ready = await field_indexes.make(connection, index)
    await field_indexes.settle(connection, index.name, ready=ready)
    await workspaces.tell_anew(connection)
    log.info("the index of %s.%s is %s", index.project, index.field, "ready" if ready else "refused")


async def _drop(connection: AsyncConnection, name: str) -> None:
    """Nobody may count on it any more when it goes."""
    await field_indexes.forget(connection, name)
    await workspaces.tell_anew(connection)
    await field_indexes.drop(connection, name)


def _still_meant(workspace: Workspace, project_id: str, field: str, name: str) -> FieldIndex | None:
    """The index of that name, if it is one that the field as it is now can have."""
    schema = workspace.schemas.get(project_id)
    if schema is None:
        return None
    try:
        operand = find_operand(field, schema.project.key, workspace.expressions)
    except Invalid:
        return None
    found = of_field(operand, workspace.expressions, layout_of(workspace))
    return next((each for each in found if each.name == name), None)
