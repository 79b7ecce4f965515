"""A record as the API gives it: stored and computed values alike, each in the form that `Edit` takes back."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from records.domain.decimals import number_of
from records.domain.field_type import FieldType
from records.domain.record import Record
from records.domain.schema import Field, Schema
from shared.expressions import Kind

# Room for the largest number that an expression can come to.
_EXACT = Context(prec=60)
_NAMES = """
    id project list title description
    tags assignees color due_at done_at snoozed_until next_activity_at created_at updated_at
    entered_list_at last_activity_at version imported
    probability probability_source outcome
"""
_PARTS = _NAMES.split()


# Finds one value of a record, as the API gives it; the other argument holds its computed values, canonical, by field.
# None is for a value that is given as it is stored.
Reader = Callable[[Record, Mapping[str, Any]], Any] | None


def readers_of(schema: Schema, kinds: Mapping[str, Kind]) -> dict[str, Reader]:
    """How each field is read, settled once for all records. ``kinds`` are those of the computed fields."""
    return {field.key: _reader(field, kinds) for field in schema.fields}


def presented(
    snapshot: Mapping[str, Any], record: Record, computed: Mapping[str, Any], readers: Mapping[str, Reader]
) -> dict[str, Any]:
    """The API's object. ``snapshot`` is of the same record, ``readers`` are of the values that are wanted."""
    values, stored = {}, record.values
    for key, read in readers.items():
        value = read(record, computed) if read else stored.get(key)
        if value is not None:
            values[key] = value
    return {name: snapshot[name] for name in _PARTS} | {"values": values}


def _reader(field: Field, kinds: Mapping[str, Kind]) -> Reader:
    key, behaviour, config = field.key, field.behaviour, field.config
    if behaviour.is_computed:
        kind, display = kinds[key], _display(field)
        return lambda _, computed: _computed(computed[key], kind, display) if key in computed else None
    if behaviour.kind is Kind.LINK:
        return lambda record, _: behaviour.present(record.links[key], config) if key in record.links else None
    if type(behaviour).present is FieldType.present:
        return None
    return lambda record, _: behaviour.present(record.values[key], config) if key in record.values else None


def _display(field: Field) -> Mapping[str, Any]:
    """How it is rounded; durations are always told in seconds."""
    display = field.config.get("display")
    return display if isinstance(display, Mapping) else {}


def _computed(value: Any, kind: Kind, display: Mapping[str, Any]) -> Any:
    """A computed value in the form of the stored fields of its kind."""
    if isinstance(value, list):
        return [_computed(each, kind, display) for each in value]
    if kind is Kind.NUMBER and display.get("as") == "currency" and "currency" in display:
        return {"amount": _rounded(value, display.get("decimals", 2)), "currency": display["currency"]}
    if kind is Kind.NUMBER:
        return number_of(_rounded(value, display["decimals"]) if "decimals" in display else value)
    if kind is Kind.MONEY and "decimals" in display:
        return value | {"amount": _rounded(value["amount"], display["decimals"])}
    return value


def _rounded(number: str, decimals: int) -> str:
    """Half up, as on an invoice; never a minus zero."""
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT)
    return format(abs(rounded) if rounded.is_zero() else rounded, "f")
