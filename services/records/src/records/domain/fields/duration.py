"""The seconds from one event of a record to another, empty until both have happened.

An event is ``record.created``, ``record.completed``, ``record.due``, ``activity.last``, ``record.list_entered`` or
``record.list_left`` with its ``list`` and ``pick`` (first or last), or ``field`` with the ``field`` that holds a time.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import ComputedType, Config
from shared.errors import Invalid
from shared.expressions.computing import EVENTS

DISPLAYS = ("seconds", "minutes", "hours", "days", "clock", "words")


class Duration(ComputedType):
    name = "duration"
    settings = frozenset({"start", "end", "display"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        display = config.get("display") or "seconds"
        if display not in DISPLAYS:
            raise Invalid.at("/config/display", f"'display' is one of {', '.join(DISPLAYS)}.")
        return {end: _event(config.get(end), f"/config/{end}") for end in ("start", "end")} | {"display": display}


def _event(given: object, place: str) -> dict[str, Any]:
    if not isinstance(given, dict) or given.get("event") not in EVENTS:
        raise Invalid.at(f"{place}/event", f"'event' is one of {', '.join(EVENTS)}.")
    if set(given) - {"event", "list", "field", "pick"} or not all(isinstance(each, str) for each in given.values()):
        raise Invalid.at(place, "An event has an event, and may have a list, a field and a pick.")
    if given.get("pick", "first") not in ("first", "last"):
        raise Invalid.at(f"{place}/pick", "'pick' is first or last.")
    if given["event"].startswith("record.list_") and "list" not in given:
        raise Invalid.at(f"{place}/list", "'list' is the key of the list.")
    return dict(given)


TYPE = Duration()
