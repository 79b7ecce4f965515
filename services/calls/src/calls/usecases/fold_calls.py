"""Folding calls anew when facts came, and telling the bus exactly when something changed by it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from calls.domain.call import Call, Identity
from calls.domain.fact import Fact
from calls.domain.fold import course_of, fold
from calls.domain.providers import providers
from calls.domain.wrap_up import Talk, reach, wrap_ups
from calls.storage import agents, calls, facts, talks
from calls.storage.calls import CallRow
from calls.storage.facts import Named
from calls.storage.talks import WrapUps
from shared.contracts.calls import CallEnded, CallSnapshot, CallUpdated
from shared.database import Transaction


@dataclass
class OpenCalls:
    """Calls locked in this transaction, with their facts in memory; `save` writes what became of them.

    Facts are stored by whoever learnt them; here they are only told.
    """

    transaction: Transaction
    rows: dict[str, CallRow] = field(default_factory=dict)
    _facts: dict[str, dict[str, Fact]] = field(default_factory=dict)
    _talks: dict[str, WrapUps] = field(default_factory=dict)
    _sources: dict[str, dict[str, str]] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    async def open(self, ids: Collection[str]) -> None:
        """Lock these calls and read what is stored of them."""
        new = set(ids) - self.rows.keys()
        if not new:
            return
        self.rows |= await calls.locked(self.transaction, new)
        self._facts |= await facts.of_calls(self.transaction, new)
        self._talks |= await talks.of_calls(self.transaction, new)
        for connection in {self.rows[each]["connection"] for each in new} - self._sources.keys():
            self._sources[connection] = await agents.sources(self.transaction, connection)

    def know(self, call_id: str, told: Iterable[Fact]) -> None:
        """Add facts to an open call, without a look at what they change."""
        self._facts[call_id] |= {fact.key: fact for fact in told}

    async def tell(self, call_id: str, told: Iterable[Fact]) -> None:
        """Add facts to an open call. If they change it, the whole call is published, once."""
        self.know(call_id, told)
        await self.refold(call_id)

    async def refold(self, call_id: str) -> None:
        """Derive the call from its facts again, and with it whose wrap-up is whose."""
        before, after = self._talks[call_id], self._talks_told(call_id)
        if before.keys() != after:
            self._talks[call_id] = {talk: before.get(talk) for talk in after}
            connection = self.rows[call_id]["connection"]
            await talks.change(self.transaction, connection, before.keys() - after, after - before.keys())
            for talk in sorted(before.keys() ^ after):
                for other in await self._rejoin((connection, talk.agent_id), talk) - {call_id}:
                    self._publish_if_changed(other)
        self._publish_if_changed(call_id)

    async def join_wrap_up(self, connection: str, mark: Fact) -> None:
        """An agent began or finished wrap-up: it goes to the call it belongs to."""
        moment = Talk(mark.at, "", mark.subject)
        for call_id in await self._rejoin((connection, mark.subject), moment):
            self._publish_if_changed(call_id)

    async def save(self) -> None:
        await calls.save(self.transaction, [self.rows[each] for each in sorted(self._changed)])
        self._changed.clear()

    async def _rejoin(self, agent: Named, moment: Talk) -> set[str]:
        """Join the agent's wrap-up around a moment anew; returns the calls for which it is another than before."""
        start, end = reach(moment.ended_at)
        known = await talks.between(self.transaction, agent, start, end)
        due = wrap_ups(known, await talks.marks_between(self.transaction, agent, start, end))
        moved: WrapUps = {
            talk: due.get(talk)
            for talk, seconds in known.items()
            if start <= talk.ended_at <= end and due.get(talk) != seconds
        }
        await self.open({talk.call for talk in moved})
        for talk, seconds in moved.items():
            self._talks[talk.call][talk] = seconds
        await talks.join(self.transaction, moved)
        return {talk.call for talk in moved}

    def _talks_told(self, call_id: str) -> set[Talk]:
        stays = course_of(self._facts[call_id].values()).stays
        return {Talk(stay.ended_at, call_id, stay.agent_id) for stay in stays if stay.answered_at and stay.ended_at}

    def _publish_if_changed(self, call_id: str) -> None:
        row = self.rows[call_id]
        folded = calls.row_of(self._fold(call_id))
        if all(row[name] == value for name, value in folded.items()):
            return
        ended = folded["status"] == "ended"
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
            measures_hold=provider is not None and provider.measures_hold,
            wrap_up_s=sum(joined) if joined else None,
            sources=self._sources[row["connection"]],
        )
