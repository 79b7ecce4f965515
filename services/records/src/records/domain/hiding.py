"""What a project's guides and forms say, without what its reader does not see of the project."""

from collections.abc import Mapping, Sequence
from typing import Any

from records.domain.guide import Guide, Stage
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.suggestion import Suggestion
from records.domain.workspace import Workspace
from shared.expressions import Kind, fields_read

# What a form does with an answer is made of fields and lists throughout.
_INWARD = ("defaults", "on_submit")
_BESIDE = ("title", "description")


def shows_document(workspace: Workspace, record: Record, document: Mapping[str, Any], actor: str | None) -> bool:
    """Whether somebody may read what another had made of the record: only where they see all that it speaks of."""
    if workspace.policy is None or (actor and document["actor"] == actor):
        return True
    schema = workspace.schemas[record.project_id]
    if document["fields"] is None:
        return schema.is_whole
    return all(_shows_as_made(workspace, schema, key) for key in document["fields"])


def _shows_as_made(workspace: Workspace, schema: Schema, key: str) -> bool:
    """A field that is worked out from other records may have been more for whoever sees more of those."""
    if key not in schema.fields_by_key:
        return False
    own = schema.project.key
    made_of = fields_read(workspace.operands[own][key]) if key in workspace.operands[own] else ()
    of_itself = all(
        project == own and (field not in schema.fields_by_key or schema.field(field).kind not in (None, Kind.LINK))
        for project, field in made_of
        if (project, field) != (own, key)
    )
    return of_itself or not any(workspace.only.values())


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


def shows_suggestion(suggestion: Suggestion, schema: Schema) -> bool:
    """Not where it leads to a list that is not seen."""
    lists = {each.key for each in (schema.whole or schema).lists}
    return suggestion.stage is None or suggestion.stage not in lists - schema.lists_by_key.keys()


def _is_seen(stage: str, are: str, schema: Schema) -> bool:
    return are != "lists" or stage in schema.lists_by_key
