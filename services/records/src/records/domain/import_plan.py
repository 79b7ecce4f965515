"""What somebody asks of an import, checked before it begins."""

from collections.abc import Mapping, Sequence
from typing import Any

from records.domain.consent import Ground
from records.domain.importing import SELECTS, OnMatch, Plan
from records.domain.mapping import BACKDATED, names_records, targets
from records.domain.notation import Notation
from records.domain.options import key_of
from records.domain.pointers import pointer
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from shared.errors import FieldError, Invalid

MOST_KEYS = 5


def read_plan(given: Mapping[str, Any], columns: Sequence[str], workspace: Workspace, schema: Schema) -> Plan:
    """Raises `Invalid` with every mistake."""
    errors = list[FieldError]()
    found = {}
    try:
        found = targets(given["mapping"], columns, workspace, schema)
    except Invalid as problem:
        errors += problem.errors
    match_on = given.get("match_on") or []
    on_match: OnMatch = given.get("on_match") or "add"
    mapped = {target.name for target in found.values()}
    errors += _wrong_keys(match_on, mapped, schema) if found else []
    if on_match != "add" and not match_on and "id" not in mapped:
        errors.append(FieldError("/match_on", f"'{on_match}' needs to know by what records are alike: name a field."))
    if given.get("list") is not None and given["list"] not in schema.lists_by_key:
        errors.append(FieldError("/list", f"The project '{schema.project.key}' has no list '{given['list']}'."))
    errors += _wrong_defaults(given.get("defaults") or {}, schema)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return Plan(
        columns=columns,
        targets=found,
        match_on=match_on,
        on_match=on_match,
        unknown_option=given.get("unknown_option") or "reject_row",
        defaults=given.get("defaults") or {},
        list=given.get("list"),
        notation=Notation(given.get("day_first", True), given.get("decimal"), workspace.timezone),
        run_automations=bool(given.get("run_automations")),
        only=given.get("only"),
        ground=Ground(unheard=True, **{"source": "import"} | (given.get("consents") or {})),
    )


def backdates(plan: Plan) -> bool:
    return any(target.name in BACKDATED for target in plan.targets.values())


def _wrong_keys(match_on: Sequence[str], mapped: set[str], schema: Schema) -> list[FieldError]:
    errors = []
    for place, name in enumerate(match_on[: MOST_KEYS + 1]):
        field = schema.fields_by_key.get(name)
        if name not in mapped:
            errors.append(FieldError(pointer("match_on", place), f"No column goes to '{name}', to match on."))
        elif place == MOST_KEYS:
            errors.append(FieldError("/match_on", f"Match on at most {MOST_KEYS} fields."))
        elif name != "title" and not (field and names_records(field)):
            errors.append(FieldError(pointer("match_on", place), f"Records cannot be matched on '{name}'."))
    return errors


def _wrong_defaults(defaults: Mapping[str, str], schema: Schema) -> list[FieldError]:
    errors = []
    for key, option in defaults.items():
        field = schema.fields_by_key.get(key)
        if field is None or field.type not in SELECTS:
            errors.append(FieldError(pointer("defaults", key), f"'{key}' is no field with options."))
            continue
        try:
            key_of(option, field.config["options"])
        except Invalid as problem:
            errors.append(FieldError(pointer("defaults", key), f"The default {problem.detail}"))
    return errors
