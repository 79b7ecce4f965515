"""What a project's guides and forms say, without what its reader does not see of the project."""

from collections.abc import Mapping, Sequence
from typing import Any

from records.domain.guide import Guide, Stage
from records.domain.schema import Schema

# What a form does with an answer is made of fields and lists throughout.
_INWARD = ("defaults", "on_submit")
_BESIDE = ("title", "description")


def seen_form(definition: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Its questions about fields that are seen; what becomes of the answers only where all of the project is."""
    if schema.is_whole:
        return dict(definition)
    asked = [each for each in definition.get("fields", ()) if each["key"] in {*_BESIDE, *schema.fields_by_key}]
    return {name: part for name, part in definition.items() if name not in _INWARD} | {"fields": asked}


def seen_guide(definition: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Its stages that are seen, and its conditions on fields that are."""
    if schema.is_whole:
        return dict(definition)
    hidden = {each.key for each in (schema.whole or schema).fields} - set(schema.fields_by_key)
    outcomes = {
        state: {**rule, "require": [each for each in rule.get("require", ()) if each not in hidden]}
        for state, rule in (definition.get("outcomes") or {}).items()
    }
    condition = definition.get("applies_to")
    applies = None if condition and condition["field"] in hidden else condition
    stages = [each for each in definition["stages"] if _is_seen(each["key"], definition["stages_are"], schema)]
    return {**definition, "stages": stages, "outcomes": outcomes, "applies_to": applies}


def seen_stages(guide: Guide, schema: Schema) -> Sequence[Stage]:
    return [each for each in guide.in_order if _is_seen(each.key, guide.stages_are, schema)]


def _is_seen(stage: str, are: str, schema: Schema) -> bool:
    return are != "lists" or stage in schema.lists_by_key
