"""How people work in each project."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.work_setting import WorkSetting
from records.storage.tables.schemas import work_setting


async def get(connection: AsyncConnection, project_id: str) -> WorkSetting:
    names = (work_setting.c.completing_blocked, work_setting.c.purge_after_days)
    found = await connection.execute(select(*names).where(work_setting.c.project_id == project_id))
    row = found.mappings().one_or_none()
    return WorkSetting(**row) if row else WorkSetting()


async def keep(connection: AsyncConnection, project_id: str, setting: WorkSetting) -> None:
    new = insert(work_setting).values(project_id=project_id, **vars(setting))
    await connection.execute(new.on_conflict_do_update(index_elements=["project_id"], set_=vars(setting)))
