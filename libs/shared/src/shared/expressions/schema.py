"""What expressions know of the workspace: the kinds of values, and the fields and lists of each project.

A field type (records has thirty of them) maps to one of a few storage kinds; nothing here knows field types.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.records import FieldSchema, ListCategory, ProjectChanged
from shared.errors import Invalid
from shared.expressions.definitions import Definition, definition_from

# Numbers and amounts have at most 28 digits before the point and 10 after it; a computed one beyond that is empty.
INTEGER_DIGITS = 28
SCALE = 10
# Dates and times outside these years cannot be stored; computed ones are empty (ClickHouse knows no others).
FIRST_YEAR = 1900
LAST_YEAR = 2299


class Kind(StrEnum):
    """How a value is stored, compared and computed with. The value of a list kind is a list of single values."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    OPTION = "option"
    OPTIONS = "options"
    LINK = "link"
    USER = "user"
    PLACE = "place"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a project: stored (``kind``), or computed, by ``path`` (a lookup), ``formula`` or ``definition``.

    ``path`` is the keys of the references to go through and, last, a field of the project arrived at or a system
    field such as ``title``. ``target`` is the key of the project a link leads to. ``currency`` is the one a bare
    amount is read in; None: the base currency. ``required``: every record is to have it, though old ones may not.
    """

    key: str
    kind: Kind | None
    target: str | None = None
    multiple: bool = False
    path: tuple[str, ...] = ()
    formula: str | None = None
    currency: str | None = None
    definition: Definition | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class BoardList:
    """A list (stage) of a project. ``forecast_weight`` is 0 to 1; None: the list is not in the forecast."""

    key: str
    category: ListCategory
    position: int
    forecast_weight: Decimal | None = None


@dataclass(frozen=True)
class Project:
    """``only`` is a filter over the record's own system fields: the records that exist for whoever asks; None: all.

    Every backend goes by it, for the records asked for and for those that references lead to.
    """

    key: str
    id: str = ""
    fields: tuple[Field, ...] = ()
    lists: tuple[BoardList, ...] = ()
    only: Mapping[str, Any] | None = None

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        return {field.key: field for field in self.fields}


@dataclass(frozen=True)
class Schema:
    """All projects by key, with the workspace's base currency and time zone."""

    projects: Mapping[str, Project] = field(default_factory=dict)
    base_currency: str = "EUR"
    timezone: str = "Europe/Amsterdam"
    # What names were found to mean, by project and name: a schema never changes, and typing formulas takes time.
    operands: dict[tuple[str, str], Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    # In the same way, by project: its computed fields; and by what they are of: the indexes that values can have.
    computed: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    indexes: dict[tuple[Any, ...], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def project(self, key: str) -> Project:
        """The project of that key. Raises `Invalid`."""
        try:
            return self.projects[key]
        except KeyError:
            raise Invalid(f"There is no project '{key}'.") from None


def project_from(event: ProjectChanged) -> Project:
    """The project as its event tells it; fields that are neither stored nor computed by us (buttons) are left out.

    Raises `Invalid` of one that makes no sense: it may have come in a request, too.
    """
    try:
        fields = tuple(found for schema in event.fields if (found := _field_from(schema)))
        lists = tuple(
            BoardList(entry.key, entry.category, entry.position, _decimal(entry.forecast_weight))
            for entry in event.lists
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Invalid(f"The schema of the project '{event.key}' makes no sense: {error!r}.") from error
    return Project(event.key, event.id, fields, lists)


def _field_from(schema: FieldSchema) -> Field | None:
    config: Mapping[str, Any] = schema.config
    if schema.kind is not None:
        return Field(
            schema.key,
            Kind(schema.kind),
            target=config.get("project") if schema.kind == Kind.LINK else None,
            multiple=bool(config.get("multiple")),
            currency=config.get("currency"),
            required=schema.required,
        )
    if config.get("path"):
        return Field(schema.key, None, path=tuple(config["path"]))
    if config.get("expression"):
        return Field(schema.key, None, formula=str(config["expression"]))
    definition = definition_from(config)
    return Field(schema.key, None, definition=definition) if definition else None


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
