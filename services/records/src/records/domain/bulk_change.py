"""What is done to each record of a bulk update: one change after the other, each seeing the one before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from records.domain.pointers import pointer, under
from records.domain.record import Record
from records.domain.schema import Schema
from shared.errors import FieldError, Invalid
from shared.expressions import Kind

TYPES = ("set", "clear", "toggle", "add_tags", "remove_tags", "assign", "move", "replace")
MOST_CHANGES = 20


@dataclass(frozen=True)
class Wanted:
    """``item`` is what the API's PATCH would take; ``list`` is where the record shall move, None: nowhere."""

    item: Mapping[str, Any]
    list: str | None


def check_changes(changes: Sequence[Mapping[str, Any]], schema: Schema, changeable: frozenset[str]) -> None:
    """Raises `Invalid` with each mistake under ``/changes``."""
    errors = list[FieldError]()
    for place, change in enumerate(changes):
        try:
            _check(change, schema, changeable)
        except Invalid as problem:
            errors += under(pointer("changes", place), problem)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)


def wanted_of(  # noqa: C901 — one case a kind of change
    record: Record, changes: Sequence[Mapping[str, Any]], schema: Schema
) -> Wanted:
    values, others = dict[str, Any](), dict[str, Any]()
    target = None
    for change in changes:
        key = change.get("field")
        held = values.get(key, record.values.get(key)) if key else None
        match change["type"]:
            case "set" if key == "title":
                others["title"] = change.get("value")
            case "set":
                values[str(key)] = change.get("value")
            case "clear":
                values[str(key)] = None
            case "toggle":
                values[str(key)] = not held
            case "add_tags":
                others["tags"] = [*others.get("tags", record.tags), *change["tags"]]
            case "remove_tags":
                gone = {schema.tag_words.get(each) or schema.tag_words.get(each.casefold()) for each in change["tags"]}
                others["tags"] = [each for each in others.get("tags", record.tags) if each not in gone]
            case "assign":
                others["assignees"] = change["assignees"]
            case "move":
                target = change["list"]
            case "replace":
                text = others.get("title", record.title) if key == "title" else held
                if isinstance(text, str):
                    (others if key == "title" else values)[str(key)] = _replaced(text, change)
    return Wanted(others | ({"values": values} if values else {}), target)


def _replaced(text: str, change: Mapping[str, Any]) -> str:
    """A regular expression runs in linear time, whoever wrote it."""
    find, by = change["find"], change.get("with", "")
    return str(re2.sub(find, by, text)) if change.get("regex") else text.replace(find, by)


def _check(change: Mapping[str, Any], schema: Schema, changeable: frozenset[str]) -> None:
    kind, key = change.get("type"), change.get("field")
    if kind in ("set", "clear", "toggle", "replace"):
        field = schema.fields_by_key.get(key or "")
        if key != "title" and (field is None or field.key not in changeable):
            raise Invalid.at("/field", f"There is no field '{key}' that you may change.")
        if kind == "toggle" and (field is None or field.behaviour.kind is not Kind.BOOLEAN):
            raise Invalid.at("/field", f"'{key}' is no yes or no to toggle.")
        if kind == "replace":
            _check_replace(change)
    if kind in ("add_tags", "remove_tags") and not change.get("tags"):
        raise Invalid.at("/tags", "Name the tags.")
    if kind == "assign" and change.get("assignees") is None:
        raise Invalid.at("/assignees", "Name the users, or give an empty list.")
    if kind == "move" and change.get("list") not in schema.lists_by_key:
        raise Invalid.at("/list", f"The project '{schema.project.key}' has no list '{change.get('list')}'.")


def _check_replace(change: Mapping[str, Any]) -> None:
    if not change.get("find"):
        raise Invalid.at("/find", "Say what to look for.")
    if change.get("regex"):
        try:
            re2.sub(change["find"], change.get("with", ""), "")
        except re2.error as error:
            raise Invalid.at("/find", "This is no regular expression that RE2 understands.") from error
