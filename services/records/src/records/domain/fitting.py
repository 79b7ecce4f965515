"""What of a record fits into another project, and what does not: fields match by key and type, never by name."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from records.domain.moments import moment_text
from records.domain.pointers import pointer
from records.domain.record import Record
from records.domain.schema import Field, Schema
from shared.errors import Invalid
from shared.expressions import Kind

Part = Literal["fields", "tags", "assignees", "due_date", "checklists", "comments"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True)
class LeftBehind:
    """``pointer`` is the place in the record that was left."""

    pointer: str
    reason: str


@dataclass(frozen=True)
class Fitting:
    """``given`` is an object of the API from which the record can be made there."""

    given: Mapping[str, Any]
    left_behind: Sequence[LeftBehind]


def fitting(record: Record, source: Schema, target: Schema, parts: Collection[str]) -> Fitting:
    left: list[LeftBehind] = []
    given: dict[str, Any] = {"title": record.title, "color": record.color}
    if "fields" in parts:
        given["values"] = dict(_values(record, source, target, left))
    if "tags" in parts:
        given["tags"] = list(_tags(record, target, left))
    if "assignees" in parts:
        given["assignees"] = list(record.assignees)
    if "due_date" in parts:
        given["due_at"] = moment_text(record.due_at) if record.due_at else None
    return Fitting(given, left)


def without(fit: Fitting, problem: Invalid, own: Collection[str]) -> Fitting:
    """The same without what the problem names. Raises it again where that is not of the record, but ``own`` values."""
    values, left = dict(fit.given.get("values", {})), list(fit.left_behind)
    for each in problem.errors:
        key = each.pointer.removeprefix("/values/")
        if key in own or key not in values:
            raise problem
        del values[key]
        left.append(LeftBehind(each.pointer, each.detail))
    return Fitting({**fit.given, "values": values}, left)


def _values(record: Record, source: Schema, target: Schema, left: list[LeftBehind]) -> Iterator[tuple[str, Any]]:
    held = {**record.values, **record.links}
    for field in source.stored_fields:
        if field.key in held:
            try:
                yield field.key, _value(field, target, held[field.key])
            except Invalid as problem:
                left.append(LeftBehind(pointer("values", field.key), problem.detail))


def _value(field: Field, target: Schema, stored: Any) -> Any:
    """The value as the API gives it. Raises `Invalid` where the other project cannot hold it."""
    other = target.fields_by_key.get(field.key)
    if other is None:
        raise Invalid(f"The project '{target.project.key}' has no field '{field.key}'.")
    if other.type != field.type:
        raise Invalid(f"'{field.key}' is of the type {other.type} there, of {field.type} here.")
    if field.type == "unique_id":
        raise Invalid(f"'{field.key}' is given out anew.")
    if field.behaviour.kind is Kind.LINK and other.config["project"] != field.config["project"]:
        raise Invalid(f"'{field.key}' links to '{other.config['project']}' there.")
    value = field.behaviour.present(stored, field.config)
    try:
        other.behaviour.parse(value, other.config)
    except Invalid as problem:
        raise Invalid(f"'{field.key}' {problem.detail}") from problem
    return value


def _tags(record: Record, target: Schema, left: list[LeftBehind]) -> Iterator[str]:
    for number, tag in enumerate(record.tags):
        if tag in target.tag_words:
            yield tag
        else:
            left.append(LeftBehind(pointer("tags", number), f"The project '{target.project.key}' has no tag '{tag}'."))
