"""Checklists of a record: items that are ticked off, by whom and until when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from records.domain.identifiers import identifier_of
from records.domain.moments import moment_of
from records.domain.schema_parts import checked_name
from records.domain.texts import text_of
from shared.errors import Conflict, Invalid, NotFound

LONGEST_ITEM = 1_000
MOST_CHECKLISTS = 50
MOST_ITEMS = 500


class ChecklistNotFound(NotFound):
    pass


class ChecklistFull(Conflict):
    pass


@dataclass(frozen=True)
class Item:
    id: str
    checklist_id: str
    text: str
    assignee: str | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    position: int = 0


@dataclass(frozen=True)
class Checklist:
    """``items`` stand in the order of their positions."""

    id: str
    record_id: str
    name: str
    position: int = 0
    items: Sequence[Item] = field(default=())


def percent_done(checklists: Sequence[Checklist]) -> int | None:
    """How much of all their items is done, rounded down; None where there is none."""
    items = [item for checklist in checklists for item in checklist.items]
    return 100 * sum(item.done_at is not None for item in items) // len(items) if items else None


def edited_checklist(before: Checklist, given: Mapping[str, Any]) -> Checklist:
    """The checklist with what the API's object says. Raises `Invalid`."""
    return replace(before, name=checked_name(given["name"])) if "name" in given else before


def edited_item(before: Item, given: Mapping[str, Any], now: datetime, place: str = "") -> Item:
    """The item with what the API's object says; ``done`` ticks it off, or opens it again. Raises `Invalid`."""
    changes: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in given:
            try:
                changes[name] = read(given[name])
            except Invalid as problem:
                raise Invalid.at(f"{place}/{name}", f"'{name}' {problem.detail}") from problem
    if given.get("done") is not None:
        changes["done_at"] = (before.done_at or now) if given["done"] else None
    return replace(before, **changes)


def _text(value: object) -> str:
    text = text_of(value, LONGEST_ITEM).strip()
    if not text:
        raise Invalid("is empty.")
    return text


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "assignee": lambda value: None if value is None else identifier_of(value, "a user's id"),
    "due_at": lambda value: None if value is None else moment_of(value),
}
