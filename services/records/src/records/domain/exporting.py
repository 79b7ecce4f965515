"""Records as rows of a file: each cell in the form that an import takes back unchanged."""

from collections.abc import Mapping, Sequence
from typing import Any

from records.domain.decimals import number_of
from records.domain.mapping import PARTS
from records.domain.moments import moment_text
from records.domain.record import Record
from records.domain.schema import Field, Schema
from shared.errors import FieldError, Invalid
from shared.expressions import Kind

DEFAULT_PARTS = ("id", "title", "list", "tags", "assignees", "due_at", "done_at", "color")


def headings(columns: Sequence[str], schema: Schema) -> list[str]:
    """The names of the columns: fields by their names, where those are clear."""
    fields = [schema.fields_by_key[column] for column in columns if column in schema.fields_by_key]
    names = [field.name.casefold() for field in fields] + list(PARTS)
    unclear = {name for name in names if names.count(name) > 1}
    clear = {field.key: field.name for field in fields if field.name.casefold() not in unclear}
    return [clear.get(column, column) for column in columns]


def columns_of(wanted: Sequence[str] | None, schema: Schema) -> list[str]:
    """The parts and fields to export: those asked for, or all. Raises `Invalid` for any other."""
    fields = [field.key for field in schema.fields if field.type != "button"]
    if wanted is None:
        return [*DEFAULT_PARTS, *fields]
    errors = [
        FieldError(f"/fields/{place}", f"The project '{schema.project.key}' has no field '{name}'.")
        for place, name in enumerate(wanted)
        if name not in (*PARTS, *fields)
    ]
    if errors or not wanted:
        raise Invalid("; ".join(each.detail for each in errors) or "Name at least one field.", errors)
    return list(dict.fromkeys(wanted))


def cells(record: Record, presented: Mapping[str, Any], columns: Sequence[str], schema: Schema) -> list[str]:
    """``presented`` is the record as the API gives it, computed values and all."""
    return [
        _field(record, presented["values"], schema.fields_by_key[column])
        if column in schema.fields_by_key
        else _part(record, column)
        for column in columns
    ]


def native(text: str, field: Field | None) -> str | int | float:
    """A number as one, for spreadsheets that know the difference."""
    return number_of(text) if text and field is not None and field.behaviour.kind is Kind.NUMBER else text


def _part(record: Record, name: str) -> str:
    value = getattr(record, name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return ", ".join(value) if isinstance(value, Sequence) else moment_text(value)


def _field(record: Record, presented: Mapping[str, Any], field: Field) -> str:
    if field.behaviour.kind is None:
        return _computed(presented.get(field.key))
    stored = record.links.get(field.key) if field.behaviour.kind is Kind.LINK else record.values.get(field.key)
    return "" if stored is None else field.behaviour.to_text(stored, field.config)


def _computed(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case {"amount": amount, "currency": currency}:
            return f"{amount} {currency}"
        case {"text": text}:
            return str(text)
        case list():
            return ", ".join(_computed(each) for each in value)
    return str(value)
