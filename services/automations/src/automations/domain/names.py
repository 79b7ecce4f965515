"""What the blanks of a text stand for: the record and its fields, its lists, who did it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.records import ProjectChanged, RecordSnapshot


@dataclass(frozen=True)
class Facts:
    """What the event told that the record does not. ``actor`` is ``user:<id>``, ``rule:<id>``, … or None.

    ``occurrence`` is which firing of a timer this is, from 1.
    """

    from_list: str | None = None
    to_list: str | None = None
    actor: str | None = None
    call: Mapping[str, Any] | None = None
    occurrence: int | None = None

    @property
    def user(self) -> str | None:
        """The user behind the event, where it was one."""
        kind, _, name = (self.actor or "").partition(":")
        return name if kind == "user" else None


# What is not a field of the record's project.
OURS = frozenset({"record", "list", "from_list", "to_list", "project", "actor", "call"})


def fields_in(blanks: Iterable[str], project: ProjectChanged | None) -> dict[str, str]:
    """By blank, the field to read for it: of a reference, unless more is asked for, the titles of what it leads to."""
    kinds = {each.key: each.kind for each in project.fields} if project else {}
    asked = {each: each.partition(".")[0] for each in blanks}
    return {
        blank: f"{blank}.title" if kinds[blank.partition(".")[0]] == "link" and "." not in blank else blank
        for blank, first in asked.items()
        if first in kinds and first not in OURS
    }


def names(
    record: RecordSnapshot,
    project: ProjectChanged | None,
    facts: Facts,
    *,
    actor: str,
    value: Callable[[str], Any],
    shows: Callable[[str], bool],
    blanks: Iterable[str],
) -> dict[str, Any]:
    """What there is to fill texts with; of the fields only what the ``blanks`` ask for, by ``value``.

    Of the record's values only those that ``shows`` lets be told.
    """
    found: dict[str, Any] = {}
    for blank, field in sorted(fields_in(blanks, project).items()):
        _put(found, blank.split("."), shown(value(field)))
    told = record.model_copy(update={"values": {key: each for key, each in record.values.items() if shows(key)}})
    return found | _ours(told, project, facts, actor)


def shown(value: Any) -> Any:
    """A stored value as people write it: ``{"amount": "12.50", "currency": "EUR"}`` → ``EUR 12.50``."""
    if isinstance(value, Mapping):
        return f"{value['currency']} {value['amount']}" if "amount" in value else value.get("name", "")
    if isinstance(value, list | tuple):
        return ", ".join(str(shown(each)) for each in value)
    return "" if value is None else value


def called(actor: str | None, users: Mapping[str, str]) -> str:
    """The name of whoever acted; ``users`` are names by id."""
    kind, _, name = (actor or "").partition(":")
    if kind == "user":
        return users.get(name, name)
    return {"rule": "Automation", "key": "API", "call": "Telephone"}.get(kind, "Trunkline")


def _ours(record: RecordSnapshot, project: ProjectChanged | None, facts: Facts, actor: str) -> dict[str, Any]:
    lists = {each.key: {"key": each.key, "name": each.name} for each in project.lists} if project else {}
    return {
        "record": _shown_record(record),
        "list": _list(lists, record.list),
        "from_list": _list(lists, facts.from_list),
        "to_list": _list(lists, facts.to_list),
        "project": {"key": record.project_key, "name": project.name if project else record.project_key},
        "actor": {"name": actor},
        "call": dict(facts.call or {}),
    }


def _list(lists: Mapping[str, Any], key: str | None) -> Any:
    return lists.get(key, {"key": key, "name": key}) if key else {}


def _shown_record(record: RecordSnapshot) -> dict[str, Any]:
    values = {key: shown(value) for key, value in record.values.items()}
    return values | record.model_dump(mode="json", include={"id", "title", "tags", "due_at"}) | {"list": record.list}


class _Branch(dict[str, Any]):
    """Fields of a referenced record; written by itself, its title."""

    title = ""

    def __str__(self) -> str:
        return self.title


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for each in path[:-1]:
        below = tree.get(each)
        if not isinstance(below, _Branch):
            tree[each] = _Branch()
            tree[each].title = str(below or "")
        tree = tree[each]
    tree[path[-1]] = value
