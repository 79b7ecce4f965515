"""One value out of many facts, by one of four rules. Facts come in order of `Fact.order`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from calls.domain.fact import Fact


def first(facts: Sequence[Fact], name: str) -> Any:
    """The oldest word that is not null."""
    return next((fact.values[name] for fact in facts if fact.values.get(name) is not None), None)


def latest(facts: Sequence[Fact], name: str) -> Any:
    """The newest word; null takes back what was said before."""
    return next((fact.values[name] for fact in reversed(facts) if name in fact.values), None)


def anyone(facts: Sequence[Fact], name: str) -> bool:
    """Whether any fact says so."""
    return any(fact.values.get(name) for fact in facts)


def moments(facts: Sequence[Fact], name: str) -> list[datetime]:
    """Every time given under the name, in the order of the facts, in UTC."""
    return [datetime.fromisoformat(fact.values[name]).astimezone(UTC) for fact in facts if fact.values.get(name)]
