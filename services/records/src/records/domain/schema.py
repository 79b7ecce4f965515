"""The schema of a project: its lists, fields and tags, identified by keys that never change."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from records.domain.field_type import FieldType
from records.domain.fields import FIELD_TYPES
from records.domain.guide import Guide
from shared.contracts.records import ListCategory
from shared.errors import Conflict, NotFound
from shared.expressions import Kind

MANY_LISTS = 20
MANY_FIELDS = 30
# The parts of a record whose default field has another name.
PARTS_OF_DEFAULTS = {"due_at": "due_date", "assignees": "assignee"}


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
    default_fields: Mapping[str, bool] = dataclasses.field(default_factory=dict)
    record_label: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)

    def has(self, part: str) -> bool:
        """Whether records here have that part; those that every project has are never switched off."""
        return self.default_fields.get(PARTS_OF_DEFAULTS.get(part, part), True)


@dataclass(frozen=True)
class List:
    """A stage. ``forecast_weight`` is a canonical decimal from 0 to 1; None keeps the stage out of forecasts.

    A record enters only with the fields of ``require_on_entry``. A ``locked`` list is neither changed nor entered or
    left; its records are still edited.
    """

    key: str
    name: str
    category: ListCategory
    position: int = 0
    forecast_weight: str | None = None
    max_age_days: int | None = None
    require_on_entry: Sequence[str] = ()
    locked: bool = False


@dataclass(frozen=True)
class Field:
    """``config`` and ``default`` are as its type stored them.

    ``unique`` says what happens when two records have the same value: ``warn``, ``refuse`` or nothing. Filters over the
    record say when it is shown and filled in (``visible_when``), and when it has to be (``required_when``).
    """

    key: str
    name: str
    type: str
    required: bool
    config: Mapping[str, Any]
    position: int = 0
    description: str | None = None
    default: Any = None
    unique: str | None = None
    folder: str | None = None
    visible_when: Mapping[str, Any] | None = None
    required_when: Mapping[str, Any] | None = None

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
    """A project whole. The parts stand in the order of their positions.

    As somebody sees it, it lacks what they may not see: ``whole`` is what it is made of, and ``fixed`` are the keys of
    fields that they may not change.
    """

    project: Project
    lists: tuple[List, ...]
    fields: tuple[Field, ...]
    tags: tuple[Tag, ...]
    # The active guides in the order in which they are tried, each in its newest version.
    guides: tuple[Guide, ...] = ()
    fixed: frozenset[str] = frozenset()
    whole: "Schema | None" = None

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

    @cached_property
    def unique_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.unique)

    @cached_property
    def guarded_fields(self) -> tuple[Field, ...]:
        """Those with values that may stay but not be put in anew."""
        return tuple(each for each in self.fields if type(each.behaviour).check_change is not FieldType.check_change)

    @cached_property
    def fields_with_default(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.default is not None)

    @cached_property
    def due_field(self) -> Field | None:
        """The field that the due time of records follows."""
        return next((field for field in self.fields if field.config.get("is_due_date")), None)

    @property
    def is_whole(self) -> bool:
        """Whether whoever sees it sees all of it."""
        parts = ("fields", "lists", "tags")
        return self.whole is None or all(len(getattr(self, each)) == len(getattr(self.whole, each)) for each in parts)

    @property
    def advice(self) -> list[str]:
        """What makes a project hard to use, though nothing forbids it."""
        told = []
        if len(self.lists) > MANY_LISTS:
            told.append(f"{len(self.lists)} lists are more than a board shows well; {MANY_LISTS} are many.")
        if len(self.fields) > MANY_FIELDS:
            told.append(f"{len(self.fields)} fields are more than people fill in; {MANY_FIELDS} are many.")
        return told

    def fields_of(self, *types: str) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.type in types)

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
