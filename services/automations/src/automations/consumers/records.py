"""What records tells: its records and their activities set rules off.

Projects, users, keys and rates are kept as replicas.
"""

from automations.domain.happening import RecordFact
from automations.settings import Settings
from automations.storage import rates, users
from automations.usecases.follow_event import follow_event
from automations.usecases.follow_project import follow_project
from shared.contracts.records import (
    ActivityLogged,
    ButtonPressed,
    ConsentChanged,
    FormSubmitted,
    KeyChanged,
    ProjectChanged,
    RateChanged,
    RecordCreated,
    RecordDeleted,
    RecordMoved,
    RecordRestored,
    RecordUpdated,
    RoleChanged,
    UserChanged,
)
from shared.database import Tx
from shared.http.authentication import replicate_key
from shared.messaging import Consumers
from shared.policy import storage as rights

FACTS = (
    RecordCreated,
    RecordUpdated,
    RecordMoved,
    RecordDeleted,
    RecordRestored,
    ActivityLogged,
    FormSubmitted,
    ButtonPressed,
    ConsentChanged,
)


def consumers(settings: Settings) -> Consumers:
    """The durable consumers of this service."""
    records = Consumers("automations")
    records.on(KeyChanged)(replicate_key)
    records.on(RoleChanged)(rights.replicate_role)

    @records.on(*FACTS)
    async def follow_record(event: RecordFact, transaction: Tx) -> None:
        await follow_event(transaction, event, settings)

    @records.on(ProjectChanged)
    async def replicate_project(event: ProjectChanged, transaction: Tx) -> None:
        await follow_project(transaction, event)

    @records.on(RateChanged)
    async def replicate_rate(event: RateChanged, transaction: Tx) -> None:
        await rates.keep(transaction, event)

    @records.on(UserChanged)
    async def replicate_user(event: UserChanged, transaction: Tx) -> None:
        await users.keep(transaction, event)
        await rights.replicate_user(event, transaction)

    return records
