"""The replica of projects, and the schema that filters and amounts are read by."""

from collections.abc import Iterable

from sqlalchemy import select

from analytics.storage.tables import project
from shared.contracts.records import ProjectChanged
from shared.database import Transaction
from shared.database.replicas import keep_newest
from shared.expressions import Schema, project_from


async def keep(transaction: Transaction, event: ProjectChanged) -> None:
    """Keep the newest version of a project."""
    values = {
        "id": event.id,
        "key": event.key,
        "version": event.version,
        "deleted": event.deleted,
        "schema": event.model_dump(mode="json"),
    }
    await keep_newest(transaction, project, values)


async def every(transaction: Transaction) -> list[ProjectChanged]:
    """All projects there are, as they were last told."""
    statement = select(project.c.schema).where(project.c.deleted.is_(False)).order_by(project.c.key)
    return [ProjectChanged.model_validate(row.schema) for row in await transaction.execute(statement)]


def schema_of(projects: Iterable[ProjectChanged], base_currency: str, timezone: str) -> Schema:
    return Schema({event.key: project_from(event) for event in projects}, base_currency, timezone)


async def schema(transaction: Transaction, base_currency: str, timezone: str) -> Schema:
    return schema_of(await every(transaction), base_currency, timezone)
