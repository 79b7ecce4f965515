"""What records tells: which keys open doors, and on which record a call was logged."""

from calls.storage import agents, calls
from shared.contracts.calls import AgentChanged
from shared.contracts.records import ActivityLogged, KeyChanged, PersonReturned, RoleChanged, UserChanged
from shared.database import Tx
from shared.http import authentication
from shared.messaging import Consumers
from shared.policy.storage import replicate_role, replicate_user
from shared.privacy import Person
from shared.privacy.tombstones import unearth

consumers = Consumers("calls")
consumers.on(UserChanged)(replicate_user)
consumers.on(RoleChanged)(replicate_role)


@consumers.on(KeyChanged)
async def replicate_key(event: KeyChanged, transaction: Tx) -> None:
    await authentication.replicate_key(event, transaction)


@consumers.on(UserChanged)
async def know_agents(event: UserChanged, transaction: Tx) -> None:
    """Agents with this user's address are this user, unless somebody has said otherwise."""
    for row in await agents.with_email(transaction, event.email) if event.active else ():
        known = row | {"user": event.id, "version": row["version"] + 1}
        await agents.save(transaction, [known])
        transaction.publish(AgentChanged.model_validate(known))


@consumers.on(PersonReturned)
async def know_again(event: PersonReturned, transaction: Tx) -> None:
    """Calls of a caller who was erased, and came back, are theirs from now on."""
    await unearth(transaction.connection, Person(tuple(event.numbers), tuple(event.emails)))


@consumers.on(ActivityLogged)
async def note_record_of_call(event: ActivityLogged, transaction: Tx) -> None:
    """A link to the record; it neither raises the call's version nor is it published."""
    if event.activity.call:
        row = {
            "call": event.activity.call.id,
            "activity": event.activity.id,
            "record": event.record.id,
            "project": event.record.project,
            "logged_at": event.activity.at,
        }
        await calls.log_record(transaction, row)
