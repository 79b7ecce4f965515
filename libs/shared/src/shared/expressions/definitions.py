"""How a computed field is defined, beyond lookups and formulas: its configuration, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RollupOf:
    """What the records behind ``via`` (a reference, or a field of `ReferencedBy`) come to together."""

    via: str
    function: str
    field: str | None = None
    filter: Any = None


@dataclass(frozen=True, slots=True)
class ReferencedBy:
    """The records of ``project`` whose reference ``field`` leads here."""

    project: str
    field: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record, of which its snapshot knows when; of a list, the first time or the last."""

    event: str
    list: str | None = None
    field: str | None = None
    pick: str = "first"


@dataclass(frozen=True, slots=True)
class Duration:
    """The seconds from one event to another; empty until both have happened."""

    start: Event
    end: Event


@dataclass(frozen=True, slots=True)
class TimeInList:
    """The seconds spent in a list, all stays together; without a list, those of the stay that lasts."""

    list: str | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """Money of ``source`` in another currency, at the rate of a day.

    ``at`` is ``current``, ``created``, a date as ISO text, or the key of a date field.
    """

    source: str
    currency: str
    at: str


Definition = RollupOf | ReferencedBy | Duration | TimeInList | Conversion


def definition_from(config: Mapping[str, Any]) -> Definition | None:
    """What the configuration of a computed field says, told by its words; None if it is none of these."""
    if config.get("via"):
        return RollupOf(config["via"], str(config.get("fn")), config.get("field"), config.get("filter"))
    if config.get("project"):
        return ReferencedBy(config["project"], str(config.get("field")))
    if config.get("start"):
        return Duration(_event(config["start"]), _event(config.get("end") or {}))
    if config.get("source"):
        return Conversion(config["source"], str(config.get("currency")), str(config.get("at") or "current"))
    return TimeInList(config["list"]) if "list" in config else None


def _event(config: Mapping[str, Any]) -> Event:
    pick = str(config.get("pick") or "first")
    return Event(str(config.get("event")), config.get("list"), config.get("field"), pick)
