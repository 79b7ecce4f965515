"""What records tells: which keys open doors, and how projects are made."""

from analytics.storage import projects
from shared.contracts.records import KeyChanged, ProjectChanged
from shared.database import Tx
from shared.http import authentication
from shared.messaging import Consumers

consumers = Consumers("analytics")


@consumers.on(KeyChanged)
async def replicate_key(event: KeyChanged, transaction: Tx) -> None:
    await authentication.replicate_key(event, transaction)


@consumers.on(ProjectChanged)
async def replicate_project(event: ProjectChanged, transaction: Tx) -> None:
    await projects.keep(transaction, event)
