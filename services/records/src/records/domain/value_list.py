"""Administered sets of values: industries, sources, reasons … Fields take their options from them.

(A *list* is a stage of a project; this is a *value list*.)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from records.domain.extra_columns import Column, check_extra, overlaps
from records.domain.guide import FALLBACK, Texts, said_in
from records.domain.options import MOST_OPTIONS, Option
from records.domain.pointers import pointer
from shared.errors import Conflict, FieldError, Invalid, NotFound


class ValueListNotFound(NotFound):
    pass


class ItemNotFound(NotFound):
    pass


class Predefined(Conflict):
    """It comes with the product or a template, and stays."""


@dataclass(frozen=True)
class Item:
    """A value. ``visible_for`` are the teams whose users may choose it (none: all); everyone sees it where it was.

    ``headings`` are keys of the list's headings, ``extra`` has values of its columns.
    """

    key: str
    name: Texts
    tooltip: Texts = field(default_factory=dict)
    color: str | None = None
    position: int = 0
    headings: Sequence[str] = ()
    visible_for: Sequence[str] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    predefined: bool = False
    deleted_at: datetime | None = None

    @property
    def option(self) -> Option:
        """The item as the option of a select; a deleted one is archived."""
        parts = {
            "names": dict(self.name) if set(self.name) != {FALLBACK} else None,
            "color": self.color or self.extra.get("color"),
            "visible_for": list(self.visible_for),
            "archived": self.deleted_at is not None,
            "legal_basis": self.extra.get("legal_basis"),
        }
        named = {"key": self.key, "name": said_in(self.name, FALLBACK)}
        return named | {part: value for part, value in parts.items() if value}


@dataclass(frozen=True)
class ValueList:
    """Items in the order of their positions, deleted ones among them. ``multiple`` says that several are meant.

    ``headings`` are two levels of ``{"key", "name", "headings"?}``; ``extra`` declares the columns of the items.
    """

    key: str
    name: Texts
    description: Texts = field(default_factory=dict)
    multiple: bool = False
    predefined: bool = False
    extra: Mapping[str, Column] = field(default_factory=dict)
    headings: Sequence[Mapping[str, Any]] = ()
    items: tuple[Item, ...] = ()

    @cached_property
    def options(self) -> list[Option]:
        return [item.option for item in self.items]

    @cached_property
    def heading_keys(self) -> Sequence[str]:
        return [each["key"] for top in self.headings for each in (top, *top.get("headings", ()))]

    def item(self, key: str) -> Item:
        for item in self.items:
            if item.key == key:
                return item
        raise ItemNotFound(f"The value list '{self.key}' has no item '{key}'.")


def check_value_list(whole: ValueList) -> None:
    """Raises `Invalid` with all mistakes; pointers are ``/items/<place>/…``. What is deleted keeps but its name."""
    if len(whole.items) > MOST_OPTIONS:
        raise Invalid.at("/items", f"A value list has at most {MOST_OPTIONS:,} items, deleted ones included.")
    errors = [*_headings(whole), *_doubles(whole), *_faults(whole), *_overlapping(whole)]
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)


def _headings(whole: ValueList) -> Iterator[FieldError]:
    keys = whole.heading_keys
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield FieldError("/headings", f"The heading '{key}' comes twice; keys differ on both levels together.")


def _doubles(whole: ValueList) -> Iterator[FieldError]:
    """A key or a name, in whichever case and language, stands for one item: also against deleted ones."""
    taken: set[str] = set()
    for place, item in enumerate(whole.items):
        words = {item.key, *(name.casefold().strip() for name in item.name.values())}
        if words & taken:
            part = "key" if item.key in taken else "name"
            told = item.key if part == "key" else said_in(item.name, FALLBACK)
            yield FieldError(pointer("items", place, part), f"'{told}' is taken by another item, maybe a deleted one.")
        taken |= words


def _faults(whole: ValueList) -> Iterator[FieldError]:
    for place, item in enumerate(whole.items):
        if item.deleted_at is not None:
            continue
        for number, key in enumerate(item.headings):
            if key not in whole.heading_keys:
                offer = ", ".join(whole.heading_keys) or "none yet"
                yield FieldError(pointer("items", place, "headings", number), f"There is no heading '{key}': {offer}.")
        yield from check_extra(item.extra, whole.extra, pointer("items", place, "extra"))


def _overlapping(whole: ValueList) -> Iterator[FieldError]:
    live = {place: item.extra for place, item in enumerate(whole.items) if item.deleted_at is None}
    for place, other in overlaps(live, whole.extra):
        name = said_in(whole.items[other].name, FALLBACK)
        yield FieldError(pointer("items", place, "extra", "from"), f"The range overlaps that of '{name}'.")
