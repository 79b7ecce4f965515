"""Value lists and their items as the API's objects describe them: each part checked, each mistake at its place."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from records.domain.extra_columns import columns_of
from records.domain.guide import FALLBACK, Texts
from records.domain.options import LONGEST_COLOR, key_from
from records.domain.pointers import pointer, under
from records.domain.schema_parts import LANGUAGE, checked_key
from records.domain.texts import text_of
from records.domain.value_list import Item, ValueList, check_value_list
from shared.errors import FieldError, Invalid

LONGEST_NAME = 200
LONGEST_TOOLTIP = 2_000
MOST_WORDS = 100

Given = Mapping[str, Any]
Readers = Mapping[str, Callable[[Any, str], Any]]


def new_value_list(given: Given) -> ValueList:
    """A value list with its items, from the API's object. Raises `Invalid` with the mistakes of all items."""
    key = checked_key(given.get("key"))
    blank = ValueList(key, {FALLBACK: _name_from(key)}, predefined=_flag(given.get("predefined", False), "/predefined"))
    whole = _changed(blank, given)
    items, errors = list[Item](), list[FieldError]()
    for place, each in enumerate(given.get("items") or ()):
        try:
            items.append(new_item(each, place))
        except Invalid as problem:
            errors += under(pointer("items", place), problem)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    whole = replace(whole, items=tuple(items))
    check_value_list(whole)
    return whole


def changed_value_list(before: ValueList, given: Given) -> ValueList:
    """Raises `Invalid`, also where its items would not fit the headings and columns any more."""
    after = _changed(before, given)
    check_value_list(after)
    return after


def new_item(given: Any, position: int) -> Item:
    """An item of the API's object, or of just its name; the key is made of the name where none is given."""
    parts: Given = {"name": given} if isinstance(given, str) else given
    if not isinstance(parts, Mapping):
        raise Invalid.at("", "An item is a name, or an object.")
    name = _texts(parts["name"], "/name", LONGEST_NAME) if parts.get("name") else {}
    wanted = parts.get("key") or key_from(name.get(FALLBACK) or next(iter(name.values()), ""))
    key = checked_key(wanted)
    protected = _flag(parts.get("predefined", False), "/predefined")
    return changed_item(Item(key, {FALLBACK: _name_from(key)}, position=position, predefined=protected), parts)


def changed_item(before: Item, given: Given) -> Item:
    """The key never changes. Raises `Invalid`; whether it fits into its list is `check_value_list`'s to say."""
    readers: Readers = {
        "name": lambda value, place: _texts(value, place, LONGEST_NAME),
        "tooltip": _optional_texts,
        "color": _color,
        "headings": _words,
        "visible_for": _words,
        "extra": _object,
    }
    return replace(before, **_read(readers, given))


def with_items(whole: ValueList, *items: Item) -> ValueList:
    """The list with these items, new or in place of those of their keys. Raises `Invalid`, seen from an item."""
    changed = {item.key: item for item in items}
    new = [item for item in items if item.key not in {each.key for each in whole.items}]
    after = replace(whole, items=(*(changed.get(each.key, each) for each in whole.items), *new))
    try:
        check_value_list(after)
    except Invalid as problem:
        errors = [FieldError("/" + "/".join(each.pointer.split("/")[3:]), each.detail) for each in problem.errors]
        raise Invalid(problem.detail, errors) from problem
    return after


def _changed(before: ValueList, given: Given) -> ValueList:
    readers: Readers = {
        "name": lambda value, place: _texts(value, place, LONGEST_NAME),
        "description": _optional_texts,
        "multiple": _flag,
        "extra": columns_of,
        "headings": lambda value, place: _headings(value, place, levels=2),
    }
    return replace(before, **_read(readers, given))


def _read(readers: Readers, given: Given) -> dict[str, Any]:
    return {name: read(given[name], f"/{name}") for name, read in readers.items() if name in given}


def _name_from(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _texts(value: Any, place: str, longest: int) -> Texts:
    """A text, or one by language."""
    texts = {FALLBACK: value} if isinstance(value, str) else value
    if not isinstance(texts, dict) or not texts or not all(LANGUAGE.fullmatch(language) for language in texts):
        raise Invalid.at(place, 'It is a text, or an object of texts by language, like {"en": "Website"}.')
    for language, text in texts.items():
        try:
            empty = not text_of(text, longest).strip()
        except Invalid as problem:
            raise Invalid.at(place, f"The text in '{language}' {problem.detail}") from problem
        if empty:
            raise Invalid.at(place, f"The text in '{language}' is empty.")
    return {language: text.strip() for language, text in texts.items()}


def _optional_texts(value: Any, place: str) -> Texts:
    return _texts(value, place, LONGEST_TOOLTIP) if value else {}


def _headings(value: Any, place: str, levels: int) -> list[dict[str, Any]]:
    if not isinstance(value, list | tuple) or len(value) > MOST_WORDS:
        raise Invalid.at(place, f"Headings are a list of at most {MOST_WORDS}.")
    return [_heading(each, f"{place}/{number}", levels) for number, each in enumerate(value)]


def _heading(given: Any, place: str, levels: int) -> dict[str, Any]:
    parts = {"key", "name"} | ({"headings"} if levels > 1 else set())
    if not isinstance(given, dict) or set(given) - parts:
        raise Invalid.at(place, f"A heading here is an object of {', '.join(sorted(parts))}; there are two levels.")
    key = checked_key(given.get("key"), f"{place}/key")
    heading = {"key": key, "name": _texts(given.get("name") or _name_from(key), f"{place}/name", LONGEST_NAME)}
    below = _headings(given.get("headings") or [], f"{place}/headings", levels - 1) if levels > 1 else []
    return heading | ({"headings": below} if below else {})


def _words(value: Any, place: str) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > MOST_WORDS:
        raise Invalid.at(place, f"It is a list of at most {MOST_WORDS} texts.")
    try:
        return list(dict.fromkeys(text_of(each, LONGEST_NAME) for each in value))
    except Invalid as problem:
        raise Invalid.at(place, f"One of them {problem.detail}") from problem


def _color(value: Any, place: str) -> str | None:
    try:
        return None if value is None else text_of(value, LONGEST_COLOR) or None
    except Invalid as problem:
        raise Invalid.at(place, f"The color {problem.detail}") from problem


def _object(value: Any, place: str) -> dict[str, Any]:
    """Of columns; null clears one."""
    if not isinstance(value, dict):
        raise Invalid.at(place, "It is an object of the list's further columns.")
    return {name: each for name, each in value.items() if each is not None}


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid.at(place, "It is true or false.")
    return value
