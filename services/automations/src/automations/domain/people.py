"""Whom a rule may tell or give work to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class User:
    """``capacity`` is how many open records are enough for this user; None: there is no end."""

    id: str
    name: str
    email: str
    teams: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    active: bool = True
    away_until: datetime | None = None
    capacity: int | None = None

    def is_away(self, now: datetime) -> bool:
        return self.away_until is not None and now < self.away_until


def named(users: Iterable[User], name: str) -> User | None:
    """The active user with this id or e-mail address."""
    return next((each for each in users if each.active and name in (each.id, each.email)), None)


def members(users: Iterable[User], team: str, skill: str | None = None) -> tuple[User, ...]:
    """The active members of a team, with a skill where one is asked for; always in the same order."""
    found = (each for each in users if each.active and team in each.teams and (skill is None or skill in each.skills))
    return tuple(sorted(found, key=lambda each: each.id))


def in_turn(candidates: Sequence[str], position: int) -> str:
    """Round robin: the ``position``-th pick (from 1). Over any stretch no two candidates differ by more than one."""
    return candidates[(position - 1) % len(candidates)]


def least_busy(candidates: Sequence[str], load: dict[str, int], position: int) -> str:
    """The one with the fewest; those level with each other take turns."""
    fewest = min(load.get(each, 0) for each in candidates)
    return in_turn([each for each in candidates if load.get(each, 0) == fewest], position)
