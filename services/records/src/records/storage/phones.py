"""Finding the records that own a telephone number."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.workspace import Workspace
from records.storage.tables.records import link, phone, record
from shared.database.driver import fetch

MOST_CANDIDATES = 50
# Holders of a number ($1) in a project ($2), those of some projects ($3) first, in a field one sees ($4; null: any).
_OWNERS = """
SELECT id FROM record
WHERE deleted_at IS NULL AND project_id = ANY ($2::uuid[]) AND EXISTS (
    SELECT FROM phone WHERE number = ANY ($1::text[]) AND record_id = record.id
    AND ($4::text[] IS NULL OR project_id || '/' || field = ANY ($4))
)
ORDER BY project_id = ANY ($3::uuid[]) DESC, last_activity_at DESC, created_at, id
LIMIT $5::int
"""


async def owners(connection: AsyncConnection, workspace: Workspace, numbers: Sequence[str]) -> list[str]:
    """The records that hold one of the numbers, the one that a call belongs to first; the first of very many.

    Where somebody does not see all records it is all of them, so that those they see are not crowded out.

    First is a record of a project others refer to (a customer rather than a deal with a number of its own), and among
    those the one with the newest activity; then the older record, so that the answer is always the same.
    """
    seen, most = (_fields(workspace), None) if workspace.policy else (None, MOST_CANDIDATES)
    asked = (list(numbers), list(workspace.schemas), workspace.referred_to, seen, most)
    return [str(row["id"]) for row in await fetch(connection, _OWNERS, *asked)]


def _fields(workspace: Workspace) -> list[str]:
    return [f"{key}/{each.key}" for key, schema in workspace.schemas.items() for each in schema.fields]


async def deals_of(connection: AsyncConnection, workspace: Workspace, record_id: str, project: str) -> list[str]:
    """In each project that refers to the record: the open record that does, most recently active."""
    deals: list[str] = []
    for schema, key in workspace.references_to(project):
        open_lists = [each.key for each in schema.lists if each.category == "open"]
        statement = (
            select(record.c.id)
            .join(link, link.c.record_id == record.c.id)
            .where(
                link.c.target_id == record_id,
                link.c.field == key,
                record.c.project_id == schema.project.id,
                record.c.list.in_(open_lists),
                record.c.deleted_at.is_(None),
            )
            .order_by(record.c.last_activity_at.desc(), record.c.id)
            .limit(1)
        )
        deals += (await connection.execute(statement)).scalars()
    return sorted(set(deals) - {record_id})


async def forget(connection: AsyncConnection, record_id: str) -> None:
    """All numbers of the record: those it has in another project are written anew."""
    await connection.execute(delete(phone).where(phone.c.record_id == record_id))
