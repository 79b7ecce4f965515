"""Who may be called: nobody who does not want to be, and where a project asks for consent only who gave it."""

from typing import Any

from records.domain.consent import consent_fields
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from shared.expressions import Filter, Kind, parse_filter

DO_NOT_CALL = "do_not_call"


def may_call(schema: Schema, workspace: Workspace) -> Filter:
    """The condition, whoever asks: what somebody does not see of a record protects its person all the same.

    ``workspace`` is all of it.
    """
    whole = schema.whole or schema
    conditions: list[dict[str, Any]] = [
        {"field": field.key, "op": "has_any", "value": [field.config["call_lists"]]}
        for field in consent_fields(whole)
        if field.config.get("call_lists")
    ]
    refusal = whole.fields_by_key.get(DO_NOT_CALL)
    if refusal and refusal.kind is Kind.BOOLEAN:
        conditions.append({"not": {"field": DO_NOT_CALL, "op": "eq", "value": True}})
    return parse_filter({"all": conditions}, whole.project.key, workspace.expressions)
