"""The replica of projects: their whole schemas, as one workspace."""

from sqlalchemy import select

from automations.domain.workspace import Workspace, workspace_of
from automations.storage.tables import project
from shared.contracts.records import ProjectChanged
from shared.database import Transaction
from shared.database.replicas import keep_newest

# The workspace of each set of project versions seen lately; one is in use, a few while changes arrive.
_known: dict[tuple[object, ...], Workspace] = {}
MOST_KNOWN = 20


async def keep(transaction: Transaction, event: ProjectChanged) -> None:
    values = {
        "id": event.id,
        "key": event.key,
        "version": event.version,
        "deleted": event.deleted,
        "schema": event.model_dump(mode="json"),
    }
    await keep_newest(transaction, project, values)


async def get(transaction: Transaction, project_id: str) -> ProjectChanged | None:
    """The schema as it is known here."""
    statement = select(project.c.schema).where(project.c.id == project_id)
    row = (await transaction.execute(statement)).one_or_none()
    return ProjectChanged.model_validate(row.schema) if row else None


async def versions(transaction: Transaction) -> tuple[tuple[str, int], ...]:
    """(id, version) of each project there is."""
    statement = select(project.c.id, project.c.version).where(project.c.deleted.is_(False)).order_by(project.c.id)
    return tuple((row.id, row.version) for row in await transaction.execute(statement))


async def workspace(
    transaction: Transaction, base_currency: str, timezone: str, known: tuple[tuple[str, int], ...]
) -> Workspace:
    """All projects there are, whose ``versions`` these are."""
    key = (base_currency, timezone, *known)
    if key not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = workspace_of(await _all(transaction), base_currency, timezone)
    return _known[key]


async def names(transaction: Transaction) -> dict[str, str]:
    """The ids of the projects there are, by key."""
    statement = select(project.c.key, project.c.id).where(project.c.deleted.is_(False))
    return {row.key: row.id for row in await transaction.execute(statement)}


async def _all(transaction: Transaction) -> list[ProjectChanged]:
    statement = select(project.c.schema).where(project.c.deleted.is_(False))
    return [ProjectChanged.model_validate(row.schema) for row in await transaction.execute(statement)]
