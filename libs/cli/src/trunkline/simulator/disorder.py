"""What happens to webhooks on their way: some come twice, some late, some in the wrong order."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from trunkline.simulator.dialects import Webhook

# Seconds: how late a late one may be, and how soon a double may follow.
LATE = (300, 3 * 3600)
AGAIN = (1, 90)
HUNDRED = 100.0


@dataclass(frozen=True)
class Disorder:
    """How many in a hundred."""

    doubles: float = 0.0
    late: float = 0.0
    swapped: float = 0.0


def delivered(
    calls: Iterable[Sequence[Webhook]], disorder: Disorder, again: Callable[[Webhook], Webhook], seed: int
) -> list[Webhook]:
    """The webhooks of all calls in the order of their arrival; ``at`` is when they arrive."""
    chance = random.Random(f"disorder/{seed}")  # noqa: S311 — play, no secret
    return sorted(
        (each for call in calls for each in untidied(call, disorder, again, chance)), key=lambda each: each.at
    )


def untidied(
    call: Sequence[Webhook], disorder: Disorder, again: Callable[[Webhook], Webhook], chance: random.Random
) -> list[Webhook]:
    """Those of one call, in the order of their arrival."""
    told = _swapped(sorted(call, key=lambda each: each.at), disorder, chance)
    told = [_put_off(each, LATE, chance) if _happens(chance, disorder.late) else each for each in told]
    told += [_put_off(again(each), AGAIN, chance) for each in told if _happens(chance, disorder.doubles)]
    return sorted(told, key=lambda each: each.at)


def _swapped(told: list[Webhook], disorder: Disorder, chance: random.Random) -> list[Webhook]:
    """Some change places with the next one."""
    for place in range(len(told) - 1):
        one, other = told[place : place + 2]
        if _happens(chance, disorder.swapped):
            told[place : place + 2] = [replace(other, at=one.at), replace(one, at=other.at)]
    return told


def _put_off(webhook: Webhook, reach: tuple[int, int], chance: random.Random) -> Webhook:
    return replace(webhook, at=webhook.at + timedelta(seconds=chance.uniform(*reach)))


def _happens(chance: random.Random, percent: float) -> bool:
    return chance.random() * HUNDRED < percent
