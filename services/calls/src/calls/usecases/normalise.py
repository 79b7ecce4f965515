"""Deliveries to calls: each delivery's facts are stored, its call folded anew, and every change told in its trace."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from uuid_utils.compat import uuid7

from calls.domain.availability import stay
from calls.domain.course import WRAPPED
from calls.domain.delivery import Interpretation, State, interpreted
from calls.domain.drift import unknown_paths
from calls.domain.fact import Fact
from calls.domain.providers import Provider, providers
from calls.gateways.histories import histories
from calls.storage import agents, calls, deliveries, facts, talks, upkeep
from calls.storage.agents import Seen
from calls.storage.calls import Heard
from calls.storage.deliveries import Fate, Waiting
from calls.storage.facts import Named
from calls.storage.upkeep import Strange
from calls.usecases.fold_calls import OpenCalls, agents_of
from calls.usecases.mask_erased import erased_among
from shared import telemetry
from shared.contracts.calls import AgentChanged, AvailabilityChanged
from shared.database import Transaction

# Scopes of facts whose subject is a call, by one of its names.
OF_CALLS = ("call", "alias")

normalised = telemetry.meter.create_counter("deliveries_settled", description="Deliveries by what became of them")


@dataclass(frozen=True)
class Read:
    """A delivery with what it says."""

    waiting: Waiting
    says: Interpretation
    strange: Strange

    @property
    def connection(self) -> str:
        return self.waiting.delivery.connection

    def named(self, subject: str) -> Named:
        return (self.connection, subject)


async def normalise(transaction: Transaction, waiting: Sequence[Waiting], *, together: bool = False) -> None:
    """Settle these deliveries, in their order. They are locked by the caller.

    Each is told by itself; or ``together``, where many wait, all that they say of one call at once.
    """
    read, erased = await _without_the_erased(transaction, [await _read(each) for each in waiting])
    again = [each for each in read if each.waiting.settled_before]
    agents_named = {each.named(who) for each in read for fact in each.says.facts for who in agents_of(fact)}
    await talks.lock_agents(transaction, agents_named)
    ids = [each.waiting.delivery.id for each in again]
    told_before = {fact.key for said in (await facts.of_deliveries(transaction, ids)).values() for fact in said}
    taken_back = await facts.forget(transaction, ids)
    targets = await _targets(transaction, read)
    calls_open = OpenCalls(transaction, together)
    await calls_open.open({*targets.values(), *taken_back})
    await calls_open.expect_wrap_ups((each.connection, fact) for each in read for fact in each.says.facts)
    owners = await _store(transaction, read, targets)
    _recall(calls_open, again, targets)
    for each in read:
        with telemetry.span(f"normalise {each.waiting.provider}", parent=each.waiting.delivery.traceparent):
            await _tell(transaction, calls_open, each, targets)
            _tell_availability(transaction, each, owners, told_before)
        await asyncio.sleep(0)
    await calls_open.tell_late()
    for call_id in sorted(taken_back):
        await calls_open.refold(call_id)
    await calls_open.save()
    await _see_agents(transaction, read)
    await deliveries.settle(transaction, [_fate(each, owners) for each in read])
    await deliveries.blank(transaction, erased)
    await upkeep.heard_of(transaction, {each.connection for each in read if _is_news(each.waiting)})
    await upkeep.note_drift(transaction, [each.strange for each in read])


async def _read(waiting: Waiting) -> Read:
    await asyncio.sleep(0)  # hooks are answered in between
    return Read(waiting, interpreted(reader_of(waiting), waiting.delivery, waiting.settings), _strange(waiting))


async def _without_the_erased(transaction: Transaction, read: Sequence[Read]) -> tuple[list[Read], list[str]]:
    """What callers who were erased are told of names nobody; with the deliveries that named them."""
    told = [(each.waiting.delivery, each.waiting.settings) for each in read]
    erased = await erased_among(transaction, told)
    named = {each.waiting.delivery.id for each in read if erased.is_named(each.waiting.delivery)}
    known = [
        replace(each, says=replace(each.says, facts=erased.masked(each.says.facts)))
        if each.waiting.delivery.id in named
        else each
        for each in read
    ]
    return known, sorted(named)


def reader_of(waiting: Waiting) -> Provider | None:
    """The provider's adapter; of a call in its history, what understands that."""
    adapter, history = providers().get(waiting.provider), histories().get(waiting.provider)
    if adapter is None or not waiting.delivery.of_history:
        return adapter
    return replace(adapter, interpret=history.interpret) if history else None


async def _targets(transaction: Transaction, read: Sequence[Read]) -> dict[Named, str]:
    """The calls the facts are about, by the name the facts use; those never heard of before are made."""
    said = [(each, fact) for each in read for fact in each.says.facts if fact.scope in OF_CALLS]
    known = await facts.calls_by_alias(transaction, {each.named(fact.subject) for each, fact in said})
    heard: dict[Named, Heard] = {}
    for each, fact in said:
        name, delivery = each.named(fact.subject), each.waiting.delivery
        if fact.scope == "call" and name not in known:
            heard.setdefault(name, Heard(*name, each.waiting.provider, delivery.received_at))
    return known | await calls.open_calls(transaction, heard.values())


async def _store(transaction: Transaction, read: Sequence[Read], targets: dict[Named, str]) -> dict[Named, str | None]:
    """Keep the facts not said before; returns which delivery said each first."""
    said = [(each, fact) for each in read for fact in each.says.facts]
    owners = await facts.owners(transaction, [each.named(fact.key) for each, fact in said])
    rows = []
    for each, fact in said:
        if each.named(fact.key) not in owners:
            owners[each.named(fact.key)] = each.waiting.delivery.id
            rows.append(
                facts.row_of(
                    each.connection, fact, call=_target(each, fact, targets), delivery=each.waiting.delivery.id
                )
            )
    await facts.add(transaction, rows)
    return owners


def _target(read: Read, fact: Fact, targets: dict[Named, str]) -> str | None:
    return targets.get(read.named(fact.subject)) if fact.scope in OF_CALLS else None


def _recall(calls_open: OpenCalls, again: Sequence[Read], targets: dict[Named, str]) -> None:
    """What is read again was taken back all at once, so it must be known all at once, lest a call seem to go back."""
    for each in again:
        for fact in each.says.facts:
            call_id = _target(each, fact, targets)
            if fact.kind in WRAPPED and fact.scope == "agent":
                calls_open.know_mark(each.connection, fact)
            elif call_id:
                calls_open.know(call_id, [fact])


async def _tell(transaction: Transaction, calls_open: OpenCalls, read: Read, targets: dict[Named, str]) -> None:
    for fact in read.says.facts:
        call_id = _target(read, fact, targets)
        if fact.kind in WRAPPED and fact.scope == "agent":
            await calls_open.join_wrap_up(read.connection, fact)
        elif fact.scope == "contact":
            await calls_open.join_contact(read.connection, fact)
        elif call_id:
            found = await _joined(transaction, calls_open, read.connection, call_id, fact, targets)
            await calls_open.tell(call_id, [fact, *found])


def _tell_availability(
    transaction: Transaction, read: Read, owners: dict[Named, str | None], told_before: Collection[str]
) -> None:
    """Of agents, what this delivery is the first to say, and did not say before it was read again."""
    for fact in read.says.facts:
        news = fact.scope == "agent" and fact.key not in told_before
        if news and owners[read.named(fact.key)] == read.waiting.delivery.id:
            transaction.publish(_availability(read, fact))


def _availability(read: Read, fact: Fact) -> AvailabilityChanged:
    who, begun = fact.values.get("agent") or {}, stay(fact)
    return AvailabilityChanged(
        connection=read.connection,
        provider=read.waiting.provider,
        provider_agent=fact.subject,
        agent=who.get("agent") or fact.subject,
        name=who.get("name"),
        state=begun.state,
        since=begun.since,
        queue=begun.queue,
        reason=begun.reason,
    )


async def _joined(
    transaction: Transaction,
    calls_open: OpenCalls,
    connection: str,
    call_id: str,
    fact: Fact,
    targets: dict[Named, str],
) -> Collection[Fact]:
    """What was said of the call under its other names, by nobody or by a call that now turns out to be this one."""
    if not fact.aliases:
        return ()
    same = await calls.also_called(transaction, connection, call_id, fact.aliases)
    found = await facts.name_call(transaction, connection, call_id, fact.aliases, same)
    await calls_open.merge(same, call_id)
    targets |= {name: call_id for name, target in targets.items() if target in same}
    return found.values()


def _fate(read: Read, owners: dict[Named, str | None]) -> Fate:
    """A delivery all of whose facts were said by another one is a duplicate."""
    delivery = read.waiting.delivery.id
    said = [owners[read.named(fact.key)] for fact in read.says.facts]
    repeated = bool(said) and all(owner != delivery for owner in said)
    state: State = "quarantined" if read.says.reason else "duplicate" if repeated else "normalised"
    normalised.add(1, {"provider": read.waiting.provider, "state": state})
    return Fate(delivery, state, read.says.reason, version_of(read.waiting.provider))


def version_of(provider: str) -> str | None:
    known = providers().get(provider)
    return known.version if known else None


def _is_news(waiting: Waiting) -> bool:
    """It came to the hook just now."""
    return not waiting.settled_before and not waiting.delivery.of_history


def _strange(waiting: Waiting) -> Strange:
    paths = unknown_paths(waiting.provider, waiting.delivery.body) if _is_news(waiting) else ()
    return Strange(waiting.provider, waiting.delivery.id, tuple(paths))


async def _see_agents(transaction: Transaction, read: Sequence[Read]) -> None:
    """Keep who the agents are, as last named; tell when that changes."""
    seen = sorted(((who, each) for each in read for who in _seen(each)), key=lambda one: one[0].seen_at)
    newest = {who.identity: (who, each.waiting.delivery.traceparent) for who, each in seen}
    known = await agents.find(transaction, newest.keys())
    users = await agents.users_by_email(transaction, {who.email for who, _ in newest.values() if who.email})
    for identity, (who, traceparent) in newest.items():
        row = agents.new_version(known.get(identity), who, str(uuid7()))
        if row:
            row["user"] = row["user"] or users.get((who.email or "").lower())
            await agents.save(transaction, [row])
            with telemetry.continue_from(traceparent):
                transaction.publish(AgentChanged.model_validate(row))


def _seen(read: Read) -> list[Seen]:
    named = [(fact, who) for fact in read.says.facts for who in fact.agents]
    return [Seen(read.connection, who["agent_id"], who.get("name"), who.get("email"), fact.at) for fact, who in named]
