"""A record as the API gives it: stored and computed values alike, each in the form that `Edit` takes back."""

from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from records.domain.decimals import number_of
from records.domain.record import Record
from records.domain.schema import Field, Schema
from records.domain.snapshots import record_fields
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


def presented(
    record: Record,
    schema: Schema,
    computed: Mapping[str, Any],
    kinds: Mapping[str, Kind],
    fields: Collection[str] | None = None,
) -> dict[str, Any]:
    """The API's object. ``computed`` are canonical values by field; ``fields`` says which values are wanted (all)."""
    snapshot = record_fields(record, schema)
    values = {}
    for field in schema.fields:
        if fields is None or field.key in fields:
            value = _value(record, field, computed, kinds)
            if value is not None:
                values[field.key] = value
    return {name: snapshot[name] for name in _PARTS} | {"values": values}


def _value(record: Record, field: Field, computed: Mapping[str, Any], kinds: Mapping[str, Kind]) -> Any:
    if field.behaviour.is_computed:
        found = computed.get(field.key)
        return None if found is None else _computed(found, kinds[field.key], _display(field))
    stored = record.links.get(field.key) if field.behaviour.kind is Kind.LINK else record.values.get(field.key)
    return None if stored is None else field.behaviour.present(stored, field.config)


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
