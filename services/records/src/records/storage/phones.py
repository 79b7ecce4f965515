"""Finding the records that own a telephone number."""

from collections.abc import Sequence

from sqlalchemy import Select, Text, cast, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.workspace import Workspace
from records.storage.tables import link, phone, record

MOST_CANDIDATES = 50


async def owners(connection: AsyncConnection, workspace: Workspace, numbers: Sequence[str]) -> list[str]:
    """The records that hold one of the numbers, the one that a call belongs to first; the first of very many.

    Where somebody does not see all records it is all of them, so that those they see are not crowded out.

    First is a record of a project others refer to (a customer rather than a deal with a number of its own), and among
    those the one with the newest activity; then the older record, so that the answer is always the same.
    """
    referred_to = [
        schema.project.id for schema in workspace.schemas.values() if workspace.references_to(schema.project.key)
    ]
    statement = (
        select(record.c.id)
        .where(
            record.c.id.in_(_holding(workspace, numbers)),
            record.c.deleted_at.is_(None),
            record.c.project_id.in_(workspace.schemas),
        )
        .order_by(
            record.c.project_id.in_(referred_to).desc(),
            record.c.last_activity_at.desc(),
            record.c.created_at,
            record.c.id,
        )
        .limit(None if workspace.policy else MOST_CANDIDATES)
    )
    return list((await connection.execute(statement)).scalars())


def _holding(workspace: Workspace, numbers: Sequence[str]) -> Select[tuple[str]]:
    """The records with one of the numbers in a field that is seen."""
    held = select(phone.c.record_id).where(phone.c.number.in_(numbers))
    if workspace.policy is None:
        return held
    fields = [(key, each.key) for key, schema in workspace.schemas.items() for each in schema.fields]
    place = tuple_(cast(record.c.project_id, Text), phone.c.field)
    return held.join(record, record.c.id == phone.c.record_id).where(place.in_(fields))


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
