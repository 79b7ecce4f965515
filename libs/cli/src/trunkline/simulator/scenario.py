"""Invented calls of a small office: who called when, how long they waited, who picked up, what came of it.

A day is simulated agent by agent, so that nobody has two calls at once and a queue forms when all are busy. What
happened is told in our own words; `trunkline.simulator.dialects` put it into those of a provider.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, cycle
from typing import Literal
from zoneinfo import ZoneInfo

from trunkline.simulator.people import FAMILY, GIVEN, Person, people, strangers

ZONE = ZoneInfo("Europe/Amsterdam")
OPENS, CLOSES = 9, 17.5
# How the inbound calls of a day spread over its hours, from the opening on.
CURVE = (6, 10, 11, 8, 5, 7, 10, 9, 3)
INBOUND_A_DAY, OUTBOUND_A_DAY, CLOSED_A_DAY = 35, 24, 2
USUAL_RATE = (INBOUND_A_DAY + OUTBOUND_A_DAY) / (CLOSES - OPENS)
FEWEST_AGENTS, MOST_AGENTS = 3, 75
SATURDAY = 5
# Seconds of talk in which something may happen: a hold, a transfer.
LONG_ENOUGH = 120
INBOUND_SHARE = 0.6

Ending = Literal["answered", "left_in_menu", "left_in_queue", "nobody_answered", "closed", "not_reached", "busy"]


@dataclass(frozen=True)
class Agent:
    id: int
    name: str
    team: str

    @property
    def email(self) -> str:
        return f"{self.name.lower().replace(' ', '.')}@example.com"

    @property
    def extension(self) -> str:
        return str(self.id - 709_900)

    @property
    def phone(self) -> str:
        """Their own telephone, of the office's part of London's numbers."""
        return f"+44207946{self.id - 709_980:04d}"


@dataclass(frozen=True)
class Line:
    """One of the office's own numbers, and the campaign it is printed on."""

    id: int
    name: str
    digits: str


@dataclass(frozen=True)
class Ring:
    agent: Agent
    at: datetime
    declined_at: datetime | None = None


@dataclass(frozen=True)
class WrapUp:
    agent: Agent
    at: datetime
    until: datetime


@dataclass(frozen=True)
class InventedCall:
    """What really happened, in UTC and whole seconds. ``agent`` is who had the call first."""

    id: int
    direction: Literal["inbound", "outbound"]
    line: Line
    number: str
    person: Person | None
    started_at: datetime
    ended_at: datetime
    ending: Ending
    team: str | None = None
    menu_left_at: datetime | None = None
    rings: tuple[Ring, ...] = ()
    agent: Agent | None = None
    answered_at: datetime | None = None
    holds: tuple[tuple[datetime, datetime], ...] = ()
    handed_over: tuple[datetime, Agent] | None = None
    wrap_ups: tuple[WrapUp, ...] = ()
    tags: tuple[str, ...] = ()
    comment: str | None = None
    csat: int | None = None
    voicemail_at: datetime | None = None

    @property
    def voicemail(self) -> bool:
        """A message was left, from ``voicemail_at`` to the end."""
        return self.voicemail_at is not None

    @property
    def disposition(self) -> str | None:
        """The agent's word on what came of it: their first tag, spelled out."""
        return self.tags[0].replace("-", " ").capitalize() if self.tags else None

    @property
    def last_agent(self) -> Agent | None:
        return self.handed_over[1] if self.handed_over else self.agent


AGENTS = (
    Agent(710_001, "Sanne Hofstra", "Sales"),
    Agent(710_002, "Tariq Belmadi", "Sales"),
    Agent(710_003, "Mira Okafor", "Sales"),
    Agent(710_004, "Jonas Weidema", "Support"),
    Agent(710_005, "Lieke Brandsma", "Support"),
    Agent(710_006, "Ravi Doekhi", "Outbound"),
    Agent(710_007, "Eva Strikwerda", "Outbound"),
)
LINES = (
    Line(720_001, "Website", "+442079460010"),
    Line(720_002, "Ads - spring", "+442079460011"),
    Line(720_003, "Brochure", "+442079460012"),
    Line(720_004, "Support line", "+442079460013"),
)
TAGS = {
    "Sales": (("qualified-lead", 4), ("quote-requested", 3), ("not-interested", 2), ("appointment-booked", 2)),
    "Support": (("question", 5), ("complaint", 2), ("invoice", 2)),
    "Outbound": (("appointment-booked", 2), ("call-back", 4), ("not-interested", 4), ("qualified-lead", 2)),
}
COMMENTS = (
    "Wants a quote for the new season",
    "Asked for the references of last year",
    "Will decide with the partner this week",
    "Prefers to be called in the morning",
    "Has an offer of another agency",
)


@dataclass(frozen=True)
class Branch:
    """One of the company's offices, each with calls of its own: its agents, and its calls in an hour it is open."""

    number: int = 0
    agents: int = len(AGENTS)
    per_hour: float = USUAL_RATE

    def staff(self) -> tuple[Agent, ...]:
        """Every team has somebody; beyond those who have a name above, more of the same teams."""
        more = (
            Agent(710_008 + place, f"{GIVEN[place % len(GIVEN)]} {FAMILY[-1 - place % len(FAMILY)]}", each.team)
            for place, each in zip(range(MOST_AGENTS), cycle(AGENTS), strict=False)
        )
        return (*_one_of_each_team_first(), *more)[: self.agents]


def _one_of_each_team_first() -> list[Agent]:
    firsts = list({each.team: each for each in reversed(AGENTS)}.values())
    return firsts + [each for each in AGENTS if each not in firsts]


USUAL = Branch()


@dataclass
class Office:
    """The agents at work: when each is free again. Calls must be asked for in the order of their time."""

    seed: int
    chance: random.Random
    ids: Iterator[int]
    staff: tuple[Agent, ...] = AGENTS
    _free_at: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._people = people(self.seed)
        self._strangers = strangers(self.seed)

    def inbound(self, at: datetime) -> InventedCall:
        line = self.chance.choices(LINES, (5, 4, 2, 4))[0]
        team = "Support" if line.name == "Support line" or self._happens(0.1) else "Sales"
        person, number = self._caller()
        menu_left_at = at + self._seconds(4, 9)
        begun = InventedCall(
            id=next(self.ids), direction="inbound", line=line, number=number, person=person, started_at=at,
            ended_at=menu_left_at, ending="left_in_menu",
        )  # fmt: skip
        if self._happens(0.03):
            return begun
        return self._queued(replace(begun, team=team, menu_left_at=menu_left_at), team, menu_left_at)

    def outbound(self, at: datetime) -> InventedCall | None:
        """None where nobody is free to dial."""
        agent = self._free(("Outbound", "Sales"), at)
        if agent is None:
            return None
        person, number = self._caller()
        rung_until = at + self._seconds(6, 28)
        self._free_at[agent.id] = rung_until + timedelta(seconds=5)
        dialled = InventedCall(
            id=next(self.ids), direction="outbound", line=LINES[0], number=number, person=person, started_at=at,
            ended_at=rung_until, ending="not_reached", agent=agent,
        )  # fmt: skip
        if self._happens(0.38):
            return self._talked(dialled, agent, rung_until)
        return replace(dialled, ending="busy") if self._happens(0.12) else dialled

    def closed(self, at: datetime) -> InventedCall:
        """Somebody calls when nobody is there, and perhaps leaves a message."""
        person, number = self._caller()
        heard_at = at + self._seconds(8, 20)
        turned_away = InventedCall(
            id=next(self.ids), direction="inbound", line=self.chance.choice(LINES), number=number, person=person,
            started_at=at, ended_at=heard_at, ending="closed",
        )  # fmt: skip
        return self._with_message(turned_away) if self._happens(0.4) else turned_away

    def _with_message(self, call: InventedCall) -> InventedCall:
        return replace(call, voicemail_at=call.ended_at, ended_at=call.ended_at + self._seconds(6, 40))

    def _queued(self, call: InventedCall, team: str, entered_at: datetime) -> InventedCall:
        """Agents are rung one after the other until one picks up, or the caller or the queue gives up."""
        gives_up_at = entered_at + timedelta(seconds=round(8 + self.chance.expovariate(1 / 110)))
        moment, rings = entered_at + timedelta(seconds=1), list[Ring]()
        for _ in range(3):
            moment, agent = self._next_free(team, moment)
            picks_up_at = moment + self._seconds(4, 17)
            if picks_up_at >= gives_up_at:
                rings += [Ring(agent, moment)] if moment < gives_up_at else []
                moment = gives_up_at
                break
            if self._happens(0.68):
                return self._talked(replace(call, rings=(*rings, Ring(agent, moment))), agent, picks_up_at)
            rings.append(Ring(agent, moment, picks_up_at))
            self._free_at[agent.id] = picks_up_at + timedelta(seconds=30)
            moment = picks_up_at + timedelta(seconds=1)
        if moment >= gives_up_at:
            return replace(call, rings=tuple(rings), ended_at=gives_up_at, ending="left_in_queue")
        given_up = replace(call, rings=tuple(rings), ended_at=moment, ending="nobody_answered")
        return self._with_message(given_up) if self._happens(0.5) else given_up

    def _talked(self, call: InventedCall, agent: Agent, answered_at: datetime) -> InventedCall:
        talk = min(1800, max(20, round(self.chance.lognormvariate(5.2, 0.7))))
        ended_at = answered_at + timedelta(seconds=talk)
        handed_over = self._handed_over(call, agent, answered_at, talk)
        return replace(
            call,
            agent=agent,
            answered_at=answered_at,
            ended_at=ended_at,
            ending="answered",
            holds=self._holds(answered_at, talk),
            handed_over=handed_over,
            wrap_ups=tuple(self._wrap_ups(agent, handed_over, ended_at)),
            tags=self._tags(agent),
            comment=self.chance.choice(COMMENTS) if self._happens(0.15) else None,
            csat=self.chance.choice((3, 4, 4, 5, 5)) if call.direction == "inbound" and self._happens(0.2) else None,
        )

    def _handed_over(
        self, call: InventedCall, agent: Agent, answered_at: datetime, talk: int
    ) -> tuple[datetime, Agent] | None:
        second = self._free(("Support", "Sales"), answered_at)
        if call.direction == "outbound" or second in (None, agent) or talk < LONG_ENOUGH or not self._happens(0.08):
            return None
        return (answered_at + timedelta(seconds=talk // 2), second) if second else None

    def _wrap_ups(
        self, agent: Agent, handed_over: tuple[datetime, Agent] | None, ended_at: datetime
    ) -> Iterator[WrapUp]:
        leaves = [(agent, handed_over[0] if handed_over else ended_at)]
        leaves += [(handed_over[1], ended_at)] if handed_over else []
        for who, left_at in leaves:
            wrap_up = WrapUp(who, left_at + timedelta(seconds=1), left_at + self._seconds(9, 60))
            self._free_at[who.id] = wrap_up.until + timedelta(seconds=5)
            yield wrap_up

    def _holds(self, answered_at: datetime, talk: int) -> tuple[tuple[datetime, datetime], ...]:
        if talk < LONG_ENOUGH or not self._happens(0.2):
            return ()
        begun = answered_at + timedelta(seconds=talk // 5)
        return ((begun, begun + self._seconds(8, talk // 5)),)

    def _tags(self, agent: Agent) -> tuple[str, ...]:
        if self._happens(0.25):
            return ()
        words, weights = zip(*TAGS[agent.team], strict=True)
        return (self.chance.choices(words, weights)[0],)

    def _caller(self) -> tuple[Person | None, str]:
        if self._happens(0.75):
            person = self.chance.choice(self._people)
            return person, person.phone
        return None, self.chance.choice(self._strangers)

    def _free(self, teams: Sequence[str], at: datetime) -> Agent | None:
        free = [each for each in self.staff if each.team in teams and self._free_at.get(each.id, at) <= at]
        return self.chance.choice(free) if free else None

    def _next_free(self, team: str, at: datetime) -> tuple[datetime, Agent]:
        """When an agent of the team is free, and which one."""
        free = self._free((team,), at)
        if free:
            return at, free
        soonest = min((each for each in self.staff if each.team == team), key=lambda each: self._free_at[each.id])
        return self._free_at[soonest.id], soonest

    def _happens(self, share: float) -> bool:
        return self.chance.random() < share

    def _seconds(self, least: int, most: int) -> timedelta:
        return timedelta(seconds=self.chance.randint(least, max(least, most)))


def day(seed: int, on: date, branch: Branch = USUAL) -> list[InventedCall]:
    """The calls of one day, in the order they began; the same for the same seed, day and branch."""
    chance = random.Random(f"{seed}/{branch.number}/{on.isoformat()}")  # noqa: S311 — play, no secret
    first_id = (seed % 100 * 100 + branch.number) * 10_000_000_000 + (on.toordinal() - 700_000) * 100_000
    office = Office(seed, chance, count(first_id), branch.staff())
    calls = [_asked(office, kind, at) for at, kind in sorted(_wishes(chance, on, branch.per_hour / USUAL_RATE))]
    return [call for call in calls if call]


def period(seed: int, first: date, days: int, branch: Branch = USUAL) -> Iterator[InventedCall]:
    """Every call of so many days."""
    for after in range(days):
        yield from day(seed, first + timedelta(days=after), branch)


def history(seed: int, days: int, now: datetime, branch: Branch = USUAL) -> Iterator[InventedCall]:
    """Every call of so many days before ``now`` that is over and done with, its wrap-up and comments too."""
    today = now.astimezone(ZONE).date()
    for ago in range(days, -1, -1):
        for call in day(seed, today - timedelta(days=ago), branch):
            if call.ended_at + timedelta(minutes=5) < now:
                yield call


def live(seed: int, start: datetime, branch: Branch = USUAL) -> Iterator[InventedCall]:
    """Calls from now on without end, whatever the hour: an audience wants to see some."""
    chance = random.Random(f"{seed}/{branch.number}/live/{start.isoformat()}")  # noqa: S311
    first_id = 900_000_000_000_000 + branch.number * 1_000_000_000_000 + int(start.timestamp()) * 100
    office = Office(seed, chance, count(first_id), branch.staff())
    moment = start.replace(microsecond=0)
    while True:
        moment += timedelta(seconds=max(1, round(chance.expovariate(branch.per_hour / 3600))))
        call = _asked(office, "inbound" if chance.random() < INBOUND_SHARE else "outbound", moment)
        if call:
            yield call


def _asked(office: Office, kind: str, at: datetime) -> InventedCall | None:
    if kind == "outbound":
        return office.outbound(at)
    return office.inbound(at) if kind == "inbound" else office.closed(at)


def _wishes(chance: random.Random, on: date, scale: float) -> Iterator[tuple[datetime, str]]:
    """When somebody will call, or want to: (moment, kind)."""
    if on.weekday() < SATURDAY:
        for _ in range(_about(chance, INBOUND_A_DAY * scale)):
            hour = chance.choices(range(len(CURVE)), CURVE)[0]
            yield _moment(on, min(OPENS + hour + chance.random(), CLOSES - 0.02)), "inbound"
        for _ in range(_about(chance, OUTBOUND_A_DAY * scale)):
            yield _moment(on, chance.uniform(OPENS + 0.5, CLOSES - 0.5)), "outbound"
    for _ in range(_about(chance, CLOSED_A_DAY * scale)):
        yield _moment(on, chance.uniform(18, 21)), "closed"


def _about(chance: random.Random, mean: float) -> int:
    return max(0, round(chance.gauss(mean, mean**0.5)))


def _moment(on: date, hour: float) -> datetime:
    local = datetime.combine(on, time(), ZONE) + timedelta(seconds=round(hour * 3600))
    return local.astimezone(UTC)
