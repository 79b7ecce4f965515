"""What records tells: which keys open doors, how projects are made, who there is."""

from analytics.storage import projects, users
from shared.contracts.records import KeyChanged, ProjectChanged, RoleChanged, UserChanged
from shared.database import Tx
from shared.http import authentication
from shared.messaging import Consumers
from shared.policy import storage as rights

consumers = Consumers("analytics")
consumers.on(RoleChanged)(rights.replicate_role)


@consumers.on(KeyChanged)
async def replicate_key(event: KeyChanged, transaction: Tx) -> None:
    await authentication.replicate_key(event, transaction)


@consumers.on(ProjectChanged)
async def replicate_project(event: ProjectChanged, transaction: Tx) -> None:
    await projects.keep(transaction, event)


@consumers.on(UserChanged)
async def replicate_user(event: UserChanged, transaction: Tx) -> None:
    await users.keep(transaction, event)
    await rights.replicate_user(event, transaction)
