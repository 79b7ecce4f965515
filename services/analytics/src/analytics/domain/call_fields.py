"""Calls in the filter language: a schema of their own, so that one language asks for records and for calls."""

from datetime import datetime
from typing import Any

from shared.errors import FieldError, Invalid
from shared.expressions import SYSTEM_FIELDS, Filter, Kind, Project, Schema, parse_filter
from shared.expressions import Field as ExpressionField
from shared.expressions.clickhouse import Layout, Query
from shared.expressions.sql_parts import Amount
from shared.expressions.tree import Related, conditions_in

PROJECT = "calls"
_KINDS = {
    Kind.OPTION: "queue agent direction status outcome source campaign provider connection disposition topic",
    Kind.TEXT: "agent_name provider_call_id",
    Kind.BOOLEAN: "answered voicemail recording transferred resolved escalated converted appointment",
    Kind.NUMBER: "csat waited_s ivr_s queue_s ring_s wait_s talk_s hold_s wrap_up_s",
    Kind.DATETIME: "arrived_at started_at answered_at ended_at first_seen_at",
}
FIELDS = {key: kind for kind, keys in _KINDS.items() for key in keys.split()}
# Of the fields that records have by themselves, calls share this one.
SHARED_FIELDS = frozenset({"tags"})


def call_schema(timezone: str, base_currency: str) -> Schema:
    """The schema in which filters over calls are parsed; its one project is `PROJECT`."""
    fields = tuple(ExpressionField(key, kind) for key, kind in FIELDS.items())
    return Schema({PROJECT: Project(PROJECT, fields=fields)}, base_currency, timezone)


def parse_call_filter(tree: Any, schema: Schema) -> Filter:
    """A filter over calls. Raises `Invalid`, naming each place, for what calls do not have."""
    parsed = parse_filter(tree, PROJECT, schema)
    errors = [error for leaf in conditions_in(parsed) if (error := _foreign(leaf))]
    if errors:
        raise Invalid("The filter asks for what calls do not have.", errors)
    return parsed


def _foreign(leaf: Any) -> FieldError | None:
    if isinstance(leaf, Related):
        return FieldError(f"{leaf.pointer}/relation", "Nothing references calls.")
    if leaf.field in SYSTEM_FIELDS - SHARED_FIELDS:
        return FieldError(f"{leaf.pointer}/field", f"Calls have no field '{leaf.field}'.")
    return None


class CallQuery(Query):
    """Conditions and values over rows of `call`, called ``r``: its fields are columns, not JSON."""

    def __init__(self, schema: Schema, *, now: datetime) -> None:
        super().__init__(schema, PROJECT, Layout(record="call"), now=now)

    def stored(self, alias: str, key: str, kind: Kind) -> str | Amount:
        if kind is Kind.NUMBER:
            return f"CAST({alias}.{key}, 'Nullable(Decimal(76, 10))')"
        return f"nullIf({alias}.{key}, '')" if kind in (Kind.OPTION, Kind.TEXT) else f"{alias}.{key}"

    @property
    def scope(self) -> str:
        return "r.is_deleted = 0"
