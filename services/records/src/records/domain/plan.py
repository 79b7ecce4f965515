"""What a configuration would change: the difference between what is and what would be.

A configuration lists things (``projects``, and in them ``fields``, ``roles`` …), each known by its key. An item is one
of them, named by its path: ``projects/customers/fields/email``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from records.domain.pointers import pointer

Tree = Mapping[str, Any]
PROJECTS = "projects"


@dataclass(frozen=True)
class Difference:
    """``pointer`` is a place within the item; None stands for what is not there."""

    pointer: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Created:
    item: str
    after: Tree


@dataclass(frozen=True)
class Changed:
    """``records`` is how many records hold a value of it, or stand in it."""

    item: str
    differences: Sequence[Difference]
    records: int = 0


@dataclass(frozen=True)
class Destroyed:
    item: str
    before: Tree
    records: int = 0


@dataclass(frozen=True)
class Kept:
    """It is there, the file does not name it, and nobody asked to destroy."""

    item: str
    records: int = 0


@dataclass(frozen=True)
class Skipped:
    """A part of the file that was left out; ``pointer`` is its place there."""

    pointer: str
    reason: str


@dataclass(frozen=True)
class Refused:
    """What cannot be done as things are."""

    item: str
    reason: str


@dataclass
class Plan:
    creates: list[Created] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    destroys: list[Destroyed] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.creates or self.changes or self.destroys)


def items_of(configuration: Tree, nouns_of_projects: Sequence[str]) -> dict[str, Tree]:
    """All things of a configuration by their paths. Of a project, what is not a list of things itself."""
    found: dict[str, Tree] = {}
    for noun, things in configuration.items():
        for each in things if isinstance(things, list) else ():
            path = f"{noun}/{each['key']}"
            inner = nouns_of_projects if noun == PROJECTS else ()
            found[path] = {name: part for name, part in each.items() if name not in inner}
            for nested in inner:
                found |= {f"{path}/{nested}/{one['key']}": one for one in each.get(nested, ())}
    return found


def differences(before: Any, after: Any, place: str = "") -> Iterator[Difference]:
    """The smallest parts that differ. Things with keys are told apart by them, whatever their order."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {**before, **after}:
            yield from differences(before.get(name), after.get(name), place + pointer(name))
    elif _keyed(before) and _keyed(after):
        then, now = ({each["key"]: each for each in things} for things in (before, after))
        yield from differences(then, now, place)
        if list(then) != list(now) and then.keys() == now.keys():
            yield Difference(place, list(then), list(now))
    elif before != after:
        yield Difference(place, before, after)


def _keyed(things: Any) -> bool:
    return isinstance(things, list) and all(isinstance(each, Mapping) and "key" in each for each in things)
