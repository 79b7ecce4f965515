"""Folding calls anew when facts came, and telling the bus exactly when something changed by it."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from calls.domain.call import Call, Identity
from calls.domain.course import WRAPPED
from calls.domain.delivery import HISTORY
from calls.domain.fact import AFTERMATH, Fact
from calls.domain.fold import Meaning, course_of, fold
from calls.domain.marketing import Marketing
from calls.domain.providers import providers
from calls.domain.wrap_up import Mark, Talk
from calls.storage import agents, calls, facts, marketing, people, talks
from calls.storage.calls import CallRow
from calls.storage.facts import Named
from calls.storage.talks import WrapUps
from calls.usecases.agent_times import AgentTimes
from shared import telemetry
from shared.contracts.calls import CallEnded, CallSnapshot, CallUpdated
from shared.database import Transaction

# So long after it happened an end of a call is usually told.
USUAL_LAG = timedelta(minutes=10)


@dataclass
class OpenCalls:
    """Calls locked in this transaction, with their facts in memory; `save` writes what became of them.

    Facts are stored by whoever learnt them; here they are only told: each by itself, or all of a call ``together``.
    """

    transaction: Transaction
    together: bool = False
    rows: dict[str, CallRow] = field(default_factory=dict)
    _facts: dict[str, dict[str, Fact]] = field(default_factory=dict)
    _talks: dict[str, WrapUps] = field(default_factory=dict)
    _marketing: dict[str, Marketing] = field(default_factory=dict)
    _flagged: dict[str, dict[str, str]] = field(default_factory=dict)
    _meanings: Mapping[str, Meaning] = field(default_factory=dict)
    _merged_into: dict[str, str] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)
    # Talks as they are stored, of calls whose talks have changed.
    _stored_talks: dict[str, WrapUps] = field(default_factory=dict)
    _late: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._times = AgentTimes(self.transaction)

    async def open(self, ids: Collection[str]) -> None:
        """Lock these calls and read what is stored of them; of those that do not exist there is no row."""
        new = set(ids) - self.rows.keys()
        if not new:
            return
        self._meanings = await people.meanings(self.transaction)
        self.rows |= await calls.locked(self.transaction, new)
        self._facts |= await facts.of_calls(self.transaction, new)
        self._talks |= await talks.of_calls(self.transaction, new)
        for connection in {self.rows[each]["connection"] for each in new & self.rows.keys()} - self._marketing.keys():
            self._marketing[connection] = await marketing.of_connection(self.transaction, connection)
            self._flagged[connection] = await agents.flagged(self.transaction, connection)

    def know(self, call_id: str, told: Iterable[Fact]) -> None:
        """Add facts to an open call, without a look at what they change."""
        self._facts[call_id] |= {fact.key: fact for fact in told}

    async def tell(self, call_id: str, told: Iterable[Fact]) -> None:
        """Add facts to an open call. If they change it, the whole call is published, once."""
        self.know(call_id, told)
        if self.together:
            self._late[call_id] = telemetry.traceparent()
        else:
            await self.refold(call_id)

    async def tell_late(self) -> None:
        """What was told of each call together, in the trace of the last that was."""
        late, self._late = self._late, {}
        for call_id, traceparent in late.items():
            with telemetry.continue_from(traceparent):
                await self.refold(call_id)
            await asyncio.sleep(0)

    async def refold(self, call_id: str) -> None:
        """Derive the call from its facts again, and with it whose wrap-up is whose."""
        before, told = self._talks[call_id], self._talks_told(call_id)
        if before.keys() != told:
            self._change_talks(call_id, {talk: before.get(talk) for talk in told})
            connection = self.rows[call_id]["connection"]
            for talk in sorted(before.keys() ^ told):
                for other in await self._rejoin((connection, talk.agent_id), talk.ended_at) - {call_id}:
                    self._publish_if_changed(other)
        await self._claim(call_id)
        self._publish_if_changed(call_id)

    async def _claim(self, call_id: str) -> None:
        """What was told of the other side while they talked, or soon after, is of this call."""
        row = self.rows[call_id]
        provider = providers().get(row["provider"])
        if provider is None or not provider.tells_contacts:
            return
        call = self._fold(call_id)
        if call.talk_s and call.external_number and call.started_at and call.ended_at:
            span = call.external_number, call.started_at, call.ended_at + AFTERMATH
            self.know(call_id, (await facts.claim(self.transaction, row["connection"], call_id, *span)).values())

    async def join_contact(self, connection: str, told: Fact) -> None:
        """Something is told of somebody outside: it goes to the call they were in, if that is known by now."""
        await self.tell_late()
        await self.save()
        call_id = await calls.talked_with(self.transaction, connection, told.subject, told.at, AFTERMATH)
        if call_id:
            await self.open([call_id])
            await self.refold(call_id)

    async def merge(self, parts: Collection[str], call_id: str) -> None:
        """These turned out to be parts of another call, which has their facts now: nothing is left of them."""
        merged = {*parts, *await calls.merged_into(self.transaction, parts)}
        await self.open(merged)
        await calls.hand_over(self.transaction, merged, call_id)
        for each in sorted(merged):
            self._facts[each].clear()
            self._merged_into[each] = call_id
            await self.refold(each)

    async def expect_wrap_ups(self, told: Iterable[tuple[str, Fact]]) -> None:
        """Read once what these facts, each of a connection, will need of agents' times and of other calls."""
        moments: dict[Named, list[datetime]] = defaultdict(list)
        marks: dict[Named, list[Mark]] = defaultdict(list)
        for connection, fact in told:
            for agent in agents_of(fact):
                moments[connection, agent] += [fact.at - USUAL_LAG, fact.at]
            if fact.kind in WRAPPED and fact.scope == "agent":
                marks[connection, fact.subject].append(_mark(fact))
        await self._times.read(self._times.unknown(moments))
        await self.open(self._times.likely(marks))

    def know_mark(self, connection: str, told: Fact) -> None:
        """An agent began or finished wrap-up; without a look at what that changes."""
        self._times.mark((connection, told.subject), _mark(told))

    async def join_wrap_up(self, connection: str, mark: Fact) -> None:
        """An agent began or finished wrap-up: it goes to the call it belongs to."""
        self.know_mark(connection, mark)
        for call_id in await self._rejoin((connection, mark.subject), mark.at):
            self._publish_if_changed(call_id)

    async def save(self) -> None:
        await self._write_talks()
        await calls.save(self.transaction, [self.rows[each] for each in sorted(self._changed)])
        self._changed.clear()

    async def _rejoin(self, agent: Named, moment: datetime) -> set[str]:
        """Join the agent's wrap-up around a moment anew; returns the calls for which it is another than before."""
        if unknown := self._times.unknown({agent: [moment]}):
            await self._write_talks()
            await self._times.read(unknown)
        moved = self._times.moved(agent, moment)
        await self.open({talk.call for talk in moved})
        for talk, seconds in moved.items():
            self._change_talks(talk.call, self._talks[talk.call] | {talk: seconds})
        return {talk.call for talk in moved}

    def _change_talks(self, call_id: str, after: WrapUps) -> None:
        before = self._talks[call_id]
        self._stored_talks.setdefault(call_id, before)
        self._talks[call_id] = after
        self._times.change(self.rows[call_id]["connection"], before, after)

    async def _write_talks(self) -> None:
        """Talks that changed, before they are looked up and at the end."""
        stored, self._stored_talks = self._stored_talks, {}
        gone: list[Talk] = []
        new: dict[str, WrapUps] = defaultdict(dict)
        joined: WrapUps = {}
        for call_id, before in stored.items():
            after = self._talks[call_id]
            gone += before.keys() - after.keys()
            new[self.rows[call_id]["connection"]] |= {talk: after[talk] for talk in after.keys() - before.keys()}
            joined |= {talk: after[talk] for talk in after.keys() & before.keys() if after[talk] != before[talk]}
        await talks.change(self.transaction, gone, new)
        await talks.join(self.transaction, joined)

    def _talks_told(self, call_id: str) -> set[Talk]:
        stays = course_of(self._facts[call_id].values()).stays
        return {Talk(stay.ended_at, call_id, stay.agent_id) for stay in stays if stay.answered_at and stay.ended_at}

    def _publish_if_changed(self, call_id: str) -> None:
        row = self.rows[call_id]
        folded = calls.row_of(self._fold(call_id))
        folded["merged_into"] = self._merged_into.get(call_id, row["merged_into"]) if folded["gone"] else None
        if all(row[name] == value for name, value in folded.items()):
            return
        ended = folded["status"] == "ended" and bool(self._facts[call_id])
        news = folded | {"version": row["version"] + 1, "end_told": row["end_told"] or ended}
        snapshot = CallSnapshot.model_validate(news)
        self.transaction.publish(CallUpdated(call=snapshot))
        if ended and not row["end_told"]:
            self.transaction.publish(CallEnded(call=snapshot))
        self.rows[call_id] = news
        self._changed.add(call_id)

    def _fold(self, call_id: str) -> Call:
        row = self.rows[call_id]
        provider = providers().get(row["provider"])
        joined = [seconds for seconds in self._talks[call_id].values() if seconds is not None]
        return fold(
            Identity(**{name: row[name] for name in Identity.__dataclass_fields__}),
            self._facts[call_id].values(),
            measures_hold=provider is not None
            and provider.measures_hold
            and any(map(_told_live, self._facts[call_id])),
            wrap_up_s=sum(joined) if joined else None,
            marketing=self._marketing[row["connection"]],
            flagged=self._flagged[row["connection"]],
            meanings=self._meanings,
        )


def agents_of(fact: Fact) -> set[str]:
    """The agents it speaks of, by the provider's id."""
    return {who["agent_id"] for who in fact.agents} | ({fact.subject} if fact.scope == "agent" else set())


def _mark(told: Fact) -> Mark:
    return Mark(told.at, told.kind == "wrap_up_ended", told.subject)


def _told_live(key: str) -> bool:
    """By a webhook: histories do not tell of holds."""
    return not key.startswith((f"{HISTORY}/", "said/"))
