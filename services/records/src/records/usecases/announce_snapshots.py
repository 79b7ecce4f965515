"""Telling all projects, keys, users and rates again when the service starts.

Streams forget after 7 days; a copy made later, or lost, is whole again after the next start.
"""

from records.domain.rate import rate_changed
from records.domain.snapshots import project_changed
from records.domain.user import user_changed
from records.storage import keys, rates, roles, users, workspaces
from records.usecases.announce import announce
from shared.database import Transaction

PAGE = 500


async def announce_snapshots(transaction: Transaction) -> None:
    workspace = await workspaces.current(transaction.connection)
    for schema in workspace.schemas.values():
        announce(transaction, project_changed(schema))
    for key in await keys.all_changed(transaction.connection):
        announce(transaction, key)
    for role in await roles.everything(transaction.connection):
        announce(transaction, role)
    after = None
    while page := await users.page(transaction.connection, after, PAGE):
        for user in page:
            announce(transaction, user_changed(user))
        after = page[-1].id
    await _rates(transaction)


async def _rates(transaction: Transaction) -> None:
    after = None
    while page := await rates.page(transaction.connection, after, PAGE, (None, None)):
        for rate in page:
            announce(transaction, rate_changed(rate))
        after = page[-1].source, page[-1].target, page[-1].date
