"""What a caller wants a record to hold: read from the API's object once, by the one validator of each field type.

All mistakes are found at once and named by their pointers. Nothing here knows the database: that linked records and
users exist is checked where the record is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from records.domain.configuration import within
from records.domain.decimals import canonical, decimal_of
from records.domain.identifiers import identifier_of
from records.domain.moments import moment_of
from records.domain.pointers import pointer, under
from records.domain.record import Record
from records.domain.schema import Field, Schema
from records.domain.texts import text_of
from shared.errors import FieldError, Invalid
from shared.expressions import Kind

LONGEST_TITLE = 500
LONGEST_DESCRIPTION = 20_000
LONGEST_COLOR = 30
MOST_TAGS = 100
MOST_ASSIGNEES = 50
# Bytes of JSON. An event carries the values up to three times (now, before, after) and must fit into 1 MB.
LARGEST_VALUES = 200_000


@dataclass(frozen=True)
class Edit:
    """``attributes`` are parts of `Record` by name. Among ``values`` and ``links`` None and [] clear a field.

    ``done`` completes a record or opens it again, leaving the time of one that is done already. ``added_tags`` and
    ``removed_tags`` change the tags as they are by then.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, Sequence[str]] = field(default_factory=dict)
    done: bool | None = None
    added_tags: Sequence[str] = ()
    removed_tags: Sequence[str] = ()


def read_edit(given: Mapping[str, Any], schema: Schema) -> Edit:
    """The edit in the API's object ``{"title"?, "values"?, "tags"?, …}``. Raises `Invalid` with every mistake."""
    errors: list[FieldError] = []
    attributes: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in given:
            if given[name] and not schema.project.has(name):
                errors.append(FieldError(pointer(name), f"'{name}' is switched off in '{schema.project.key}'."))
                continue
            try:
                attributes[name] = read(given[name], schema)
            except Invalid as problem:
                errors += _noted(problem, name, name)
    changes: dict[str, tuple[str, ...]] = {"add_tags": (), "remove_tags": ()}
    for name in changes.keys() & given.keys():
        try:
            changes[name] = _tags(given[name], schema)
        except Invalid as problem:
            errors += _noted(problem, name, name)
    values, links = _read_values(given.get("values") or {}, schema, errors)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return Edit(attributes, values, links, given.get("done"), changes["add_tags"], changes["remove_tags"])


def applied(edit: Edit, record: Record, now: datetime) -> Record:
    """The record after the edit, still at the same version. Raises `Invalid` where it grows too large."""
    values = {key: value for key, value in {**record.values, **edit.values}.items() if value is not None}
    if len(orjson.dumps(values)) > LARGEST_VALUES:
        raise Invalid.at("/values", f"A record holds at most {LARGEST_VALUES:,} bytes in all its fields.")
    links = {key: tuple(ids) for key, ids in {**record.links, **edit.links}.items() if ids}
    parts = {**edit.attributes, "values": values, "links": links}
    parts["tags"] = _tags_after(edit, parts.get("tags", record.tags))
    if "probability" in parts:
        parts["probability_source"] = "manual" if parts["probability"] else None
    if edit.done is not None:
        parts["done_at"] = (parts.get("done_at", record.done_at) or now) if edit.done else None
    return record.altered(**parts)


def _tags_after(edit: Edit, tags: Sequence[str]) -> tuple[str, ...]:
    found = dict.fromkeys((*tags, *edit.added_tags))
    return tuple(each for each in found if each not in edit.removed_tags)


def refused_changes(edit: Edit, before: Record | None, schema: Schema) -> list[FieldError]:
    """Values that might stay but may not be put in anew, such as an archived option. ``before`` is None when made."""
    errors: list[FieldError] = []
    for known in schema.guarded_fields:
        if known.key in edit.values:
            old = before.values.get(known.key) if before else None
            try:
                known.behaviour.check_change(old, edit.values[known.key], known.config)
            except Invalid as problem:
                errors += _noted(problem, known.name, "values", known.key)
    return errors


def missing_fields(held: Edit | Record, schema: Schema) -> list[FieldError]:
    """Required fields that are empty in it."""
    return [
        FieldError(pointer("values", each.key), f"'{each.name}' is required.")
        for each in schema.required_fields
        if held.values.get(each.key) is None and not held.links.get(each.key)
    ]


def _read_values(
    given: Mapping[str, Any], schema: Schema, errors: list[FieldError]
) -> tuple[dict[str, Any], dict[str, Sequence[str]]]:
    values: dict[str, Any] = {}
    links: dict[str, Sequence[str]] = {}
    for key, value in given.items():
        known = schema.fields_by_key.get(key)
        if known is None:
            mistake = f"The project '{schema.project.key}' has no field '{key}'."
            errors.append(FieldError(pointer("values", key), mistake))
            continue
        if key in schema.fixed:
            errors.append(FieldError(pointer("values", key), f"'{known.name}' is read-only for you."))
            continue
        try:
            if known.behaviour.kind is Kind.LINK:
                links[key] = _read(known, value) or ()
            else:
                values[key] = _read(known, value)
        except Invalid as problem:
            errors += _noted(problem, known.name, "values", key)
    return values, links


def _read(known: Field, value: object) -> Any:
    """The stored value; None for an empty one."""
    empty = value is None or value in ("", [])
    if empty and known.behaviour.kind is not None:
        return None
    return known.behaviour.parse(value, known.config)


def _noted(problem: Invalid, name: str, *place: str) -> list[FieldError]:
    """The mistakes of a part, each told by the part's name and under its place."""
    return [FieldError(each.pointer, f"'{name}' {each.detail}") for each in under(pointer(*place), problem)]


def _title(value: object, _schema: Schema) -> str:
    title = text_of(value, LONGEST_TITLE).strip()
    if not title:
        raise Invalid("is empty.")
    return title


def _description(value: object, _schema: Schema) -> str | None:
    return None if value is None else text_of(value, LONGEST_DESCRIPTION, lines=True) or None


def _color(value: object, _schema: Schema) -> str | None:
    return None if value is None else text_of(value, LONGEST_COLOR) or None


def _probability(value: object, _schema: Schema) -> str | None:
    """A percentage."""
    return None if value is None else canonical(within(decimal_of(value), {"min": "0", "max": "100"}))


def _tags(value: object, schema: Schema) -> tuple[str, ...]:
    words = _list_of_texts(value, MOST_TAGS)
    for position, word in enumerate(words):
        if word not in schema.tag_words and word.casefold() not in schema.tag_words:
            offer = ", ".join(tag.key for tag in schema.tags) or "none yet"
            raise Invalid.at(pointer(position), f"has no tag '{word}' to choose; there is {offer}.")
    return tuple(dict.fromkeys(schema.tag_words.get(word) or schema.tag_words[word.casefold()] for word in words))


def _assignees(value: object, _schema: Schema) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(identifier_of(each, "a list of users' ids") for each in _list_of_texts(value, MOST_ASSIGNEES))
    )


def _moment(value: object, _schema: Schema) -> datetime | None:
    return None if value is None else moment_of(value)


def _list_of_texts(value: object, most: int) -> list[str]:
    if not isinstance(value, list) or len(value) > most or not all(isinstance(each, str) for each in value):
        raise Invalid(f"must be a list of at most {most} texts.")
    return value


_READERS: Mapping[str, Callable[[object, Schema], Any]] = {
    "title": _title,
    "description": _description,
    "tags": _tags,
    "assignees": _assignees,
    "color": _color,
    "probability": _probability,
    "due_at": _moment,
    "done_at": _moment,
    "snoozed_until": _moment,
}
