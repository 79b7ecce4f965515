"""Removing for ever what lay in the trash for as long as its project keeps it."""

from records.domain.work_setting import WorkSetting
from records.storage import trash
from shared.database import Transaction

BATCH = 200


async def empty_trash(transaction: Transaction) -> int:
    """How many records went; more may wait where it is a whole `BATCH`. Nobody is told: they were deleted before."""
    gone = await trash.expired(transaction.connection, WorkSetting().purge_after_days, BATCH)
    if gone:
        await trash.purge(transaction.connection, gone)
    return len(gone)
