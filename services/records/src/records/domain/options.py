"""The options of a select: an immutable key, a name that may change, and never a lost value."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from records.domain.texts import text_of
from shared.errors import Invalid, NotFound

MOST_OPTIONS = 1_000
LONGEST_COLOR = 30
LONGEST_NAME = 200
KEY = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
SEPARATORS = re.compile(r"[,;|\n]")
PARTS = frozenset({"key", "name", "color", "archived"})

Option = Mapping[str, Any]


class OptionNotFound(NotFound):
    pass


class Offer(Protocol):
    """A value list, as far as fields look at it."""

    @property
    def options(self) -> Sequence[Option]: ...


def with_options(config: Mapping[str, Any], value_lists: Mapping[str, Offer]) -> Mapping[str, Any]:
    """A field's configuration with the options of the value list that it names. Raises `Invalid`."""
    key = config.get("value_list")
    if key is None:
        return config
    if not isinstance(key, str) or key not in value_lists:
        raise Invalid.at("/config/value_list", f"There is no value list '{key}'.")
    return {**config, "options": value_lists[key].options}


def without_options(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The configuration as it is kept: what a value list administers is kept there only."""
    return {name: value for name, value in config.items() if name != "options" or "value_list" not in config}


def options_of(given: object) -> list[dict[str, Any]]:
    """A list of options, each ``{"key", "name", "color"?, "archived"?}`` or just its name, in the stored form."""
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_OPTIONS:
        raise Invalid.at("/config/options", f"'options' is a list of 1 to {MOST_OPTIONS:,} options.")
    options = [option_of(each, f"/config/options/{position}") for position, each in enumerate(given)]
    refuse_doubles(options)
    return options


def key_of(value: object, options: Sequence[Option]) -> str:
    """The key of the option that a key or a name (in any case) stands for, archived ones included."""
    wanted = value.casefold().strip() if isinstance(value, str) else None
    for option in options:
        if value == option["key"]:
            return str(value)
    for option in options:
        if wanted in names_of(option):
            return str(option["key"])
    raise Invalid("must be one of " + _offer(options) + ".")


def refuse_archived(before: Collection[str], after: Collection[str], options: Sequence[Option]) -> None:
    """An archived option stays where it is but is not chosen anew."""
    archived = {option["key"] for option in options if option.get("archived")}
    if archived & (set(after) - set(before)):
        raise Invalid("must be one of " + _offer(options) + ".")


def name_of(key: str, options: Sequence[Option]) -> str:
    return next((option["name"] for option in options if option["key"] == key), key)


def find_option(options: Sequence[Option], key: str) -> Option:
    for option in options:
        if option["key"] == key:
            return option
    raise OptionNotFound(f"The field has no option '{key}'.")


def names_of(option: Option) -> set[str]:
    """What it is called, in every language, in small letters."""
    return {option["name"].casefold(), *(name.casefold() for name in option.get("names", {}).values())}


def text_among(key: str, options: Sequence[Option]) -> str:
    """The option as one of several in a cell: its name, or its key where the name has a separator in it."""
    name = name_of(key, options)
    return key if SEPARATORS.search(name) or name != name.strip() else name


def words_in(text: str, options: Sequence[Option]) -> list[str]:
    """The options named in a cell, whatever stands between them."""
    if text.strip().casefold() in {name for option in options for name in names_of(option)}:
        return [text]
    return [word.strip() for word in SEPARATORS.split(text) if word.strip()]


def keep_keys(before: Sequence[Option], after: Sequence[Option]) -> None:
    """Raises `Invalid` where an option would vanish: records may hold it."""
    kept = {option["key"] for option in after}
    gone = [option["key"] for option in before if option["key"] not in kept]
    if gone:
        raise Invalid.at("/config/options", f"'{gone[0]}' may be in use; give it \"archived\": true to hide it.")


def key_from(name: str) -> str:
    """A key made of a name, where none was given: ``Cold call`` → ``cold_call``."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:63]


def option_of(given: object, pointer: str) -> dict[str, Any]:
    option = {"name": given} if isinstance(given, str) else given
    if not isinstance(option, dict) or set(option) - PARTS:
        raise Invalid.at(pointer, "An option is a name, or an object of key, name, color and archived.")
    try:
        name = text_of(option.get("name"), LONGEST_NAME)
        key = text_of(option.get("key") or key_from(name), 63)
    except Invalid as problem:
        raise Invalid.at(pointer, f"The option's name or key {problem.detail}") from problem
    if not KEY.fullmatch(key) or not name.strip():
        raise Invalid.at(pointer, "An option has a name, and a key of small letters, digits and underscores.")
    return {"key": key, "name": name} | _extras(option, pointer)


def refuse_doubles(options: Sequence[Option]) -> None:
    """A key or name stands for one option, whichever way it is written."""
    taken: set[str] = set()
    for position, option in enumerate(options):
        words = {option["key"], option["name"].casefold().strip()}
        if words & taken:
            raise Invalid.at(f"/config/options/{position}", f"'{option['name']}' stands for two options.")
        taken |= words


def _extras(option: Option, pointer: str) -> dict[str, Any]:
    color, archived = option.get("color"), option.get("archived", False)
    if not isinstance(archived, bool) or not isinstance(color, str | None) or len(color or "") > LONGEST_COLOR:
        raise Invalid.at(pointer, "An option's color is a short text, and archived is true or false.")
    return ({"color": color} if color else {}) | ({"archived": True} if archived else {})


def _offer(options: Sequence[Option]) -> str:
    return ", ".join(option["key"] for option in options if not option.get("archived"))
