"""One value out of many facts, by one of five rules. Facts come in order of `Fact.order`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from calls.domain.fact import SAID_HERE, Fact


def first(facts: Sequence[Fact], name: str) -> Any:
    """The oldest word that is not null."""
    return next((fact.values[name] for fact in facts if fact.values.get(name) is not None), None)


def latest(facts: Sequence[Fact], name: str) -> Any:
    """The newest word; null takes back what was said before."""
    return next((fact.values[name] for fact in reversed(facts) if name in fact.values), None)


def last_said(facts: Sequence[Fact], name: str) -> Any:
    """The newest word, the provider's or somebody's here.

    Each body of a provider has all it knows: what is in it again, or still empty, is no new word.
    """
    word = theirs = None
    for fact in [each for each in facts if name in each.values]:
        said = fact.values[name]
        if fact.key.startswith(SAID_HERE):
            word = said
        elif said != theirs:
            # What was said here since is not theirs to take back.
            word, theirs = word if said is None and word != theirs else said, said
    return word


def anyone(facts: Sequence[Fact], name: str) -> bool:
    """Whether any fact says so."""
    return any(fact.values.get(name) for fact in facts)


def moments(facts: Sequence[Fact], name: str) -> list[datetime]:
    """Every time given under the name, in the order of the facts, in UTC."""
    return [datetime.fromisoformat(fact.values[name]).astimezone(UTC) for fact in facts if fact.values.get(name)]
