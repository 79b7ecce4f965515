"""Lists, fields, tags and projects as the API's objects describe them: each part checked, each mistake at its place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

from records.domain.configuration import within
from records.domain.decimals import canonical, decimal_of
from records.domain.fields import FIELD_TYPES
from records.domain.options import Offer, with_options
from records.domain.schema import Field, List, Project, Tag
from records.domain.texts import text_of
from shared.contracts.records import ListCategory
from shared.errors import Invalid
from shared.expressions import RESERVED_KEYS, Kind

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?", re.ASCII)
LONGEST_NAME = 200
LONGEST_COLOR = 30
LONGEST_AGE = 36_500
LONGEST_DESCRIPTION = 2_000
NO_LISTS: Mapping[str, Offer] = {}
UNIQUE = ("warn", "refuse")
DEFAULT_FIELDS = ("due_date", "assignee", "dependencies", "checklists", "description", "tags", "referenced_by")
# How each part of an API's object is read: its value and its pointer in, the checked value out.
Readers = Mapping[str, Callable[[Any, str], Any]]
# Names the API gives to every record, beside those of the filter language; a field of that key could never be reached.
RESERVED = RESERVED_KEYS | frozenset(
    {"id", "project", "description", "values", "links", "assignees", "done_at", "deleted_at", "version", "imported"}
)


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


def changed_project(before: Project, given: Mapping[str, Any]) -> Project:
    """Raises `Invalid`."""
    readers: Readers = {"name": checked_name, "default_fields": _default_fields, "record_label": _label}
    return replace(before, **_read(readers, given))


def new_list(given: Mapping[str, Any], position: int = 0) -> List:
    """A list from the API's object. Raises `Invalid`."""
    blank = List(checked_key(given.get("key")), "", "open", position)
    return changed_list(blank, {"name": given.get("name")} | dict(given))


def changed_list(before: List, given: Mapping[str, Any]) -> List:
    readers: Readers = {
        "name": checked_name,
        "category": _category,
        "forecast_weight": _weight,
        "max_age_days": _days,
        "require_on_entry": _keys,
        "locked": _flag,
    }
    return replace(before, **_read(readers, given))


def new_tag(given: Mapping[str, Any], position: int = 0) -> Tag:
    """A tag from the API's object. Raises `Invalid`."""
    blank = Tag(checked_key(given.get("key")), "", None, position)
    return changed_tag(blank, {"name": given.get("name")} | dict(given))


def changed_tag(before: Tag, given: Mapping[str, Any]) -> Tag:
    return replace(before, **_read({"name": checked_name, "color": _color}, given))


def new_field(given: Mapping[str, Any], position: int = 0, value_lists: Mapping[str, Offer] = NO_LISTS) -> Field:
    """A field from the API's object, its configuration checked by its type. Raises `Invalid`."""
    key, name, kind = checked_key(given.get("key")), checked_name(given.get("name")), given.get("type")
    if key in RESERVED:
        raise Invalid.at("/key", f"Every record has '{key}' already; choose another key.")
    if not (isinstance(kind, str) and kind in FIELD_TYPES):
        raise Invalid.at("/type", f"There is no field type '{kind}'; there is {', '.join(FIELD_TYPES)}.")
    behaviour = FIELD_TYPES[kind]
    config = behaviour.configure(with_options(given.get("config") or {}, value_lists))
    blank = Field(key, name, kind, required=False, config=config, position=position)
    return _with_settings(blank, given)


def changed_field(before: Field, given: Mapping[str, Any], value_lists: Mapping[str, Offer] = NO_LISTS) -> Field:
    """Key and type never change. Raises `Invalid`, also for a configuration that stored values would not survive."""
    after = before
    if "name" in given:
        after = replace(after, name=checked_name(given["name"]))
    if "config" in given:
        config = with_options(given["config"] or {}, value_lists)
        after = replace(after, config=before.behaviour.reconfigure(before.config, config))
    return _with_settings(after, given)


def _with_settings(field: Field, given: Mapping[str, Any]) -> Field:
    """The settings that fields of every type have."""
    readers: Readers = {
        "required": lambda value, place: _required(value, place, field),
        "unique": lambda value, place: _unique(value, place, field),
        "default": lambda value, place: _default(value, place, field),
        "description": lambda value, place: _text(value, place, LONGEST_DESCRIPTION),
        "folder": lambda value, place: _text(value, place, LONGEST_NAME),
        "visible_when": _condition,
        "required_when": lambda value, place: _required_when(value, place, field),
    }
    after = replace(field, **_read(readers, given))
    if after.required and after.visible_when is not None:
        raise Invalid.at("/required", "A field that is not always shown is required by 'required_when'.")
    return after


def _read(readers: Readers, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: read(given[name], f"/{name}") for name, read in readers.items() if name in given}


def _required(value: Any, place: str, field: Field) -> bool:
    if not isinstance(value, bool) or (value and (field.kind is None or field.type == "unique_id")):
        raise Invalid.at(place, "'required' is true or false, and false for a field that takes no values.")
    return value


def _required_when(value: Any, place: str, field: Field) -> dict[str, Any] | None:
    if value is not None and (field.kind is None or field.type == "unique_id"):
        raise Invalid.at(place, "A field that takes no values is never required.")
    return _condition(value, place)


def _condition(value: Any, place: str) -> dict[str, Any] | None:
    """A filter; what it names is looked at with the whole workspace."""
    if value is not None and not isinstance(value, dict):
        raise Invalid.at(place, "It is a filter over the record.")
    return value or None


def _unique(value: Any, place: str, field: Field) -> str | None:
    if value is None:
        return None
    if value not in UNIQUE or field.kind not in (Kind.TEXT, Kind.NUMBER) or field.type in ("unique_id", "long_text"):
        raise Invalid.at(place, f"'unique' is one of {', '.join(UNIQUE)}, of a text, number, e-mail, telephone or url.")
    return str(value)


def _default(value: Any, place: str, field: Field) -> Any:
    if value is None:
        return None
    if field.kind in (None, Kind.LINK, Kind.FILE) or field.type == "unique_id":
        raise Invalid.at(place, "A field of this type has no default.")
    try:
        return field.behaviour.parse(value, field.config)
    except Invalid as problem:
        raise Invalid.at(place, f"The default {problem.detail}") from problem


def _text(value: Any, place: str, longest: int) -> str | None:
    try:
        return None if value is None else text_of(value, longest, lines=True) or None
    except Invalid as problem:
        raise Invalid.at(place, f"It {problem.detail}") from problem


def _keys(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise Invalid.at(place, "It is a list of the keys of fields.")
    return tuple(dict.fromkeys(value))


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid.at(place, "It is true or false.")
    return value


def _default_fields(value: Any, place: str) -> dict[str, bool]:
    if not isinstance(value, dict) or not all(isinstance(each, bool) for each in value.values()):
        raise Invalid.at(place, "Each default field is switched on or off with true or false.")
    unknown = sorted(set(value) - set(DEFAULT_FIELDS))
    if unknown:
        raise Invalid.at(f"{place}/{unknown[0]}", f"The default fields are {', '.join(DEFAULT_FIELDS)}.")
    return dict(value)


def _label(value: Any, place: str) -> dict[str, list[str]]:
    """``{"en": ["Deal", "Deals"]}``: one and several, by language."""
    if not isinstance(value, dict):
        raise Invalid.at(place, 'It is an object of languages, like {"en": ["Deal", "Deals"]}.')
    return {language: _words(language, words, f"{place}/{language}") for language, words in value.items()}


def _words(language: str, words: Any, place: str) -> list[str]:
    pair = isinstance(words, list | tuple) and len(words) == len(("one", "several"))
    if not (pair and LANGUAGE.fullmatch(language)):
        raise Invalid.at(place, 'A language has the words for one and for several: ["Deal", "Deals"].')
    return [checked_name(word, place) for word in words]


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
