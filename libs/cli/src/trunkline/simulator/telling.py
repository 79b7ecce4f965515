"""Calls told to targets: a history as fast as it is taken, or live ones at their moments."""

import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

import orjson

from trunkline.simulator import scenario
from trunkline.simulator.dialects import Webhook
from trunkline.simulator.disorder import Disorder, delivered, untidied
from trunkline.simulator.play import CONCURRENCY, Hook, Progress, Target, in_time, play_history, play_live, together
from trunkline.simulator.scenario import Agent, Branch, InventedCall
from trunkline.simulator.truth import truth

# Told how many webhooks will come, it gives what to tell how many were sent.
Watch = Callable[[int], Progress]


@dataclass(frozen=True)
class Play:
    """What is told: of the last ``days``, or of those from ``first`` on; ``essential`` webhooks only, or all."""

    seed: int = 1
    days: int = 30
    first: date | None = None
    branch: Branch = field(default_factory=Branch)
    disorder: Disorder = field(default_factory=Disorder)
    essential: bool = False

    def calls(self, place: int, now: datetime) -> Iterator[InventedCall]:
        """Those of the target at this place: several providers are several branches of one company."""
        branch = replace(self.branch, number=place)
        if self.first is None:
            return scenario.history(self.seed, self.days, now, branch)
        past = scenario.period(self.seed, self.first, self.days, branch)
        return (call for call in past if call.ended_at + timedelta(minutes=5) < now)

    def webhooks(self, target: Target, calls: Iterable[InventedCall]) -> list[Webhook]:
        told = ([each for each in _of(target, call) if each.essential or not self.essential] for call in calls)
        return delivered(told, self.disorder, target.dialect.again, self.seed)


def _of(target: Target, call: InventedCall) -> list[Webhook]:
    return target.dialect.webhooks(call, target.secrets)


async def tell_past(targets: Sequence[Target], play: Play, watch: Watch, truths: Path | None = None) -> tuple[int, int]:
    """A history, as fast as it is taken; returns (calls, webhooks)."""
    now = datetime.now(UTC)
    calls = [list(play.calls(place, now)) for place in range(len(targets))]
    told = [play.webhooks(target, mine) for target, mine in zip(targets, calls, strict=True)]
    if truths:
        write_truth(truths, zip(targets, calls, strict=True))
    progress, sent = watch(sum(map(len, told))), dict.fromkeys(range(len(targets)), 0)

    def watched(place: int) -> Progress:
        def seen(done: int) -> None:
            sent[place] = done
            progress(sum(sent.values()))

        return seen

    async with _hooks(targets) as hooks, together() as tasks:
        for place, hook in enumerate(hooks):
            tasks.create_task(play_history(hook, told[place], watched(place), CONCURRENCY // len(targets) or 1))
    return sum(map(len, calls)), sum(map(len, told))


async def tell_on(targets: Sequence[Target], play: Play, progress: Progress) -> None:
    """Live calls at their moments, until cancelled; each target gets its share of them."""
    chance, start = random.Random(play.seed), datetime.now(UTC)  # noqa: S311 — play, no secret
    branch = replace(play.branch, per_hour=play.branch.per_hour / len(targets))
    sent = 0

    def one_more(_number: int) -> None:
        nonlocal sent
        sent += 1
        progress(sent)

    async with _hooks(targets) as hooks, together() as tasks:
        for place, hook in enumerate(hooks):
            live = live_webhooks(hook.target, replace(play, branch=replace(branch, number=place)), start, chance)
            tasks.create_task(play_live(hook, live, one_more))


def live_webhooks(target: Target, play: Play, start: datetime, chance: random.Random) -> Iterator[Webhook]:
    """One target's, without end."""
    calls = scenario.live(play.seed, start, play.branch)
    told = (untidied(_of(target, call), play.disorder, target.dialect.again, chance) for call in calls)
    return in_time(chain([_beginning(target, play.branch.staff(), start)], told))


def _beginning(target: Target, staff: Sequence[Agent], start: datetime) -> list[Webhook]:
    """Everybody comes to work, where the provider tells that."""
    begins = target.dialect.begins
    return [begins(each, start, target.secrets) for each in staff] if begins else []


def write_truth(file: Path, told: Iterable[tuple[Target, Sequence[InventedCall]]]) -> None:
    """One line a call (see `trunkline.simulator.truth`)."""
    with file.open("wb") as lines:
        for target, calls in told:
            for call in calls:
                known = {"provider": target.dialect.provider} | truth(call)
                known["provider_call_id"] = target.dialect.tells(call).get("provider_call_id")
                lines.write(orjson.dumps(known) + b"\n")


@asynccontextmanager
async def _hooks(targets: Sequence[Target]) -> AsyncIterator[list[Hook]]:
    import httpx  # it takes a third of a second, which commands without requests need not wait

    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:
        yield [Hook(client, target) for target in targets]
