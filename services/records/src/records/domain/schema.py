"""The schema of a project: its lists, fields and tags, identified by keys that never change."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, get_args

from records.domain.configuration import within
from records.domain.decimals import canonical, decimal_of
from records.domain.field_type import FieldType
from records.domain.fields import FIELD_TYPES
from records.domain.guide import Guide
from records.domain.texts import text_of
from shared.contracts.records import ListCategory
from shared.errors import Conflict, Invalid, NotFound
from shared.expressions import RESERVED_KEYS, Kind

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
LONGEST_NAME = 200
LONGEST_COLOR = 30
LONGEST_AGE = 36_500
# Names the API gives to every record, beside those of the filter language; a field of that key could never be reached.
# How each part of an API's object is read: its value and its pointer in, the checked value out.
Readers = Mapping[str, Callable[[Any, str], Any]]
RESERVED = RESERVED_KEYS | frozenset(
    {"id", "project", "values", "links", "assignees", "done_at", "deleted_at", "version", "imported"}
)


class ProjectNotFound(NotFound):
    pass


class ListNotFound(NotFound):
    pass


class FieldNotFound(NotFound):
    pass


class TagNotFound(NotFound):
    pass


class KeyTaken(Conflict):
    pass


@dataclass(frozen=True)
class Project:
    id: str
    key: str
    name: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class List:
    """A stage. ``forecast_weight`` is a canonical decimal from 0 to 1; None keeps the stage out of forecasts."""

    key: str
    name: str
    category: ListCategory
    position: int = 0
    forecast_weight: str | None = None
    max_age_days: int | None = None


@dataclass(frozen=True)
class Field:
    """``config`` is as its type stored it."""

    key: str
    name: str
    type: str
    required: bool
    config: Mapping[str, Any]
    position: int = 0

    @property
    def behaviour(self) -> FieldType:
        return FIELD_TYPES[self.type]

    @property
    def kind(self) -> Kind | None:
        """None where it holds no value: it is computed, or a button."""
        return self.behaviour.kind_of(self.config)


@dataclass(frozen=True)
class Tag:
    key: str
    name: str
    color: str | None = None
    position: int = 0


@dataclass(frozen=True)
class Schema:
    """A project whole. The parts stand in the order of their positions."""

    project: Project
    lists: tuple[List, ...]
    fields: tuple[Field, ...]
    tags: tuple[Tag, ...]
    # The active guides in the order in which they are tried, each in its newest version.
    guides: tuple[Guide, ...] = ()

    @cached_property
    def fields_by_key(self) -> Mapping[str, Field]:
        return {field.key: field for field in self.fields}

    @cached_property
    def lists_by_key(self) -> Mapping[str, List]:
        return {each.key: each for each in self.lists}

    @cached_property
    def tag_words(self) -> Mapping[str, str]:
        """Every way of writing a tag (its key, or its name in any case) with the key it stands for."""
        return {tag.name.casefold(): tag.key for tag in self.tags} | {tag.key: tag.key for tag in self.tags}

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.kind is not None)

    @cached_property
    def required_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.stored_fields if field.required)

    @cached_property
    def computed_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.behaviour.is_computed)

    def list(self, key: str) -> List:
        try:
            return self.lists_by_key[key]
        except KeyError:
            raise ListNotFound(f"The project '{self.project.key}' has no list '{key}'.") from None

    def field(self, key: str) -> Field:
        try:
            return self.fields_by_key[key]
        except KeyError:
            raise FieldNotFound(f"The project '{self.project.key}' has no field '{key}'.") from None

    def tag(self, key: str) -> Tag:
        for tag in self.tags:
            if tag.key == key:
                return tag
        raise TagNotFound(f"The project '{self.project.key}' has no tag '{key}'.")


def checked_key(key: object, pointer: str = "/key") -> str:
    if not (isinstance(key, str) and KEY.fullmatch(key)):
        raise Invalid.at(pointer, "A key starts with a small letter; small letters, digits and underscores follow.")
    return key


def checked_name(name: object, pointer: str = "/name") -> str:
    try:
        text = text_of(name, LONGEST_NAME).strip()
    except Invalid as problem:
        raise Invalid.at(pointer, f"The name {problem.detail}") from problem
    if not text:
        raise Invalid.at(pointer, "A name is not empty.")
    return text


def new_list(given: Mapping[str, Any], position: int = 0) -> List:
    """A list from the API's object. Raises `Invalid`."""
    blank = List(checked_key(given.get("key")), "", "open", position)
    return changed_list(blank, {"name": given.get("name")} | dict(given))


def changed_list(before: List, given: Mapping[str, Any]) -> List:
    readers: Readers = {"name": checked_name, "category": _category, "forecast_weight": _weight, "max_age_days": _days}
    return replace(before, **_read(readers, given))


def new_tag(given: Mapping[str, Any], position: int = 0) -> Tag:
    """A tag from the API's object. Raises `Invalid`."""
    blank = Tag(checked_key(given.get("key")), "", None, position)
    return changed_tag(blank, {"name": given.get("name")} | dict(given))


def changed_tag(before: Tag, given: Mapping[str, Any]) -> Tag:
    return replace(before, **_read({"name": checked_name, "color": _color}, given))


def new_field(given: Mapping[str, Any], position: int = 0) -> Field:
    """A field from the API's object, its configuration checked by its type. Raises `Invalid`."""
    key, name, kind = checked_key(given.get("key")), checked_name(given.get("name")), given.get("type")
    if key in RESERVED:
        raise Invalid.at("/key", f"Every record has '{key}' already; choose another key.")
    if not (isinstance(kind, str) and kind in FIELD_TYPES):
        raise Invalid.at("/type", f"There is no field type '{kind}'; there is {', '.join(FIELD_TYPES)}.")
    behaviour = FIELD_TYPES[kind]
    required = _required(given.get("required", False), behaviour)
    return Field(key, name, kind, required, behaviour.configure(given.get("config") or {}), position)


def changed_field(before: Field, given: Mapping[str, Any]) -> Field:
    """Key and type never change. Raises `Invalid`, also for a configuration that stored values would not survive."""
    after = before
    if "name" in given:
        after = replace(after, name=checked_name(given["name"]))
    if "required" in given:
        after = replace(after, required=_required(given["required"], before.behaviour))
    if "config" in given:
        after = replace(after, config=before.behaviour.reconfigure(before.config, given["config"] or {}))
    return after


def _read(readers: Readers, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: read(given[name], f"/{name}") for name, read in readers.items() if name in given}


def _required(value: object, behaviour: FieldType) -> bool:
    if not isinstance(value, bool) or (value and behaviour.kind is None):
        raise Invalid.at("/required", "'required' is true or false, and false for a computed field.")
    return value


def _category(value: Any, place: str) -> ListCategory:
    categories: tuple[ListCategory, ...] = get_args(ListCategory)
    if value not in categories:
        raise Invalid.at(place, f"A list's category is one of {', '.join(categories)}.")
    category: ListCategory = value
    return category


def _weight(value: Any, place: str) -> str | None:
    """A share from 0 to 1, as a canonical decimal."""
    if value is None:
        return None
    try:
        return canonical(within(decimal_of(value), {"min": "0", "max": "1"}))
    except Invalid as problem:
        raise Invalid.at(place, f"The forecast weight {problem.detail}") from problem


def _days(value: Any, place: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LONGEST_AGE:
        raise Invalid.at(place, f"The maximum age is a whole number of days, up to {LONGEST_AGE:,}.")
    return value


def _color(value: Any, place: str) -> str | None:
    try:
        return None if value is None else text_of(value, LONGEST_COLOR)
    except Invalid as problem:
        raise Invalid.at(place, f"The color {problem.detail}") from problem
