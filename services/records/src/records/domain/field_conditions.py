"""When a field is shown, and when it has to be filled in: filters over the record itself, as it is after a change."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from records.domain.pointers import pointer, under
from records.domain.record import Record
from records.domain.schema import Field, Schema
from records.domain.snapshots import record_fields
from records.domain.versions import Version
from shared import expressions
from shared.errors import FieldError, Invalid
from shared.expressions import Filter, python
from shared.expressions.fields import operands_in
from shared.expressions.tree import Related, conditions_in

WORDS = ("visible_when", "required_when")


def check_conditions(field: Field, project: str, known: expressions.Schema) -> None:
    """Raises `Invalid`, with pointers into the field."""
    for word in WORDS:
        if (given := getattr(field, word)) is not None:
            try:
                _of_itself(expressions.parse_filter(given, project, known))
            except Invalid as problem:
                moved = (each.pointer.removeprefix("/filter") for each in problem.errors)
                errors = [replace(each, pointer=place) for each, place in zip(problem.errors, moved, strict=True)]
                raise Invalid(problem.detail, under(pointer(word), Invalid(problem.detail, errors))) from problem


def without_hidden(field: Field, project: str, seen: expressions.Schema) -> Field:
    """The field without conditions that speak of what is not seen."""
    for word in WORDS:
        try:
            expressions.parse_filter(getattr(field, word) or {"all": []}, project, seen)
        except Invalid:
            hidden: Any = {word: None}
            field = replace(field, **hidden)
    return field


def missing_now(
    version: Version, schema: Schema, wanted: Mapping[str, Filter], known: expressions.Schema, now: datetime
) -> Iterator[FieldError]:
    """Fields, by key with when they have to be filled in, that this version leaves empty, and did not find so."""
    before = set(_missing(version.before, schema, wanted, known, now)) if version.before else set[str]()
    if version.after.deleted_at is None:
        for key in _missing(version.after, schema, wanted, known, now):
            if key not in before:
                yield FieldError(pointer("values", key), f"'{schema.field(key).name}' has to be filled in now.")


def _missing(
    record: Record, schema: Schema, wanted: Mapping[str, Filter], known: expressions.Schema, now: datetime
) -> Iterator[str]:
    if record.project_id != schema.project.id:
        return
    snapshot, context = record_fields(record, schema), python.Context(known, now)
    for key, condition in wanted.items():
        if record.values.get(key) is None and not record.links.get(key) and python.holds(condition, snapshot, context):
            yield key


def _of_itself(condition: Filter) -> None:
    relations = any(isinstance(each, Related) for each in conditions_in(condition))
    if relations or any(each.hops or each.formula is not None for each in operands_in(condition)):
        raise Invalid("It asks of the record itself: of what it holds and where it stands.")


def parsed(schema: Schema, known: expressions.Schema) -> dict[str, Any]:
    """By field: when it has to be filled in."""
    given = {field.key: field.required_when for field in schema.fields if field.required_when is not None}
    return {key: expressions.parse_filter(each, schema.project.key, known) for key, each in given.items()}
