"""Checklists and their items."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.checklist import Checklist, Item
from records.storage.tables.activities import checklist, checklist_item


async def of_record(connection: AsyncConnection, record_id: str) -> list[Checklist]:
    """All of a record, in order, with their items."""
    found = select(checklist).where(checklist.c.record_id == record_id).order_by(checklist.c.position, checklist.c.id)
    rows = (await connection.execute(found)).mappings().all()
    items = await _items(connection, [row["id"] for row in rows])
    return [Checklist(**row, items=[each for each in items if each.checklist_id == row["id"]]) for row in rows]


async def find(connection: AsyncConnection, checklist_id: str) -> Checklist | None:
    row = (await connection.execute(select(checklist).where(checklist.c.id == checklist_id))).mappings().one_or_none()
    return Checklist(**row, items=await _items(connection, [checklist_id])) if row else None


async def find_item(connection: AsyncConnection, item_id: str) -> Item | None:
    found = select(checklist_item).where(checklist_item.c.id == item_id).with_for_update()
    row = (await connection.execute(found)).mappings().one_or_none()
    return Item(**row) if row else None


async def add(connection: AsyncConnection, new: Checklist) -> None:
    row = {name: value for name, value in vars(new).items() if name != "items"}
    await connection.execute(insert(checklist).values(row))
    if new.items:
        await connection.execute(insert(checklist_item), [vars(item) for item in new.items])


async def rename(connection: AsyncConnection, changed: Checklist) -> None:
    await connection.execute(update(checklist).where(checklist.c.id == changed.id).values(name=changed.name))


async def remove(connection: AsyncConnection, checklist_id: str) -> None:
    await connection.execute(delete(checklist).where(checklist.c.id == checklist_id))


async def add_item(connection: AsyncConnection, new: Item) -> None:
    await connection.execute(insert(checklist_item).values(vars(new)))


async def change_item(connection: AsyncConnection, changed: Item) -> None:
    await connection.execute(update(checklist_item).where(checklist_item.c.id == changed.id).values(vars(changed)))


async def remove_item(connection: AsyncConnection, item_id: str) -> None:
    await connection.execute(delete(checklist_item).where(checklist_item.c.id == item_id))


async def put_in_order(connection: AsyncConnection, items: Sequence[Item]) -> None:
    """Number the items as they stand in the sequence."""
    for position, item in enumerate(items):
        if item.position != position:
            this = checklist_item.c.id == item.id
            await connection.execute(update(checklist_item).where(this).values(position=position))


async def _items(connection: AsyncConnection, checklist_ids: Sequence[str]) -> list[Item]:
    found = (
        select(checklist_item)
        .where(checklist_item.c.checklist_id.in_(checklist_ids))
        .order_by(checklist_item.c.position, checklist_item.c.id)
    )
    return [Item(**row) for row in (await connection.execute(found)).mappings()]
