"""All projects together: references, lookups and formulas reach from one project into others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from records.domain.field_conditions import check_conditions, parsed, without_hidden
from records.domain.pointers import under
from records.domain.presentation import Reader, readers_of
from records.domain.record import Record
from records.domain.schema import Field, List, Project, ProjectNotFound, Schema
from records.domain.snapshots import project_changed
from records.domain.value_list import ValueList, ValueListNotFound
from shared import expressions
from shared.errors import Conflict, Invalid
from shared.expressions import Filter, Kind, Operand, Step
from shared.expressions.tree import Rollup
from shared.policy import Policy

# So many ways of seeing one workspace are kept.
MOST_SEEN = 500


class StillNeeded(Conflict):
    """Something else is made of what was to go."""


@dataclass(frozen=True)
class Workspace:
    """The live projects by id: all of them or, with a ``policy``, as somebody sees them.

    What they may not see is not there: no fields, lists, tags, projects, and by ``only`` (filters, by project key) no
    records either. So a filter on a hidden field is answered like one on a field that never was. ``indexes`` are the
    names of the fields' indexes that are ready.
    """

    schemas: Mapping[str, Schema]
    base_currency: str = "EUR"
    timezone: str = "Europe/Amsterdam"
    has_rates: bool = False
    value_lists: Mapping[str, ValueList] = field(default_factory=dict)
    indexes: frozenset[str] = frozenset()
    policy: Policy | None = None
    only: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    _seen: dict[object, "Workspace"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def seen_by(self, policy: Policy | None) -> "Workspace":
        """The workspace as the policy shows it; None is the system itself, which sees all."""
        if policy is None or not policy.is_bound:
            return self
        if policy.identity not in self._seen:
            if len(self._seen) >= MOST_SEEN:
                self._seen.clear()
            self._seen[policy.identity] = _seen(self, policy)
        return self._seen[policy.identity]

    def shows(self, record: Record) -> bool:
        """Whether the record is there, for whoever sees this workspace."""
        schema = self.schemas.get(record.project_id)
        return schema is not None and (self.policy is None or self.policy.may_read_record(schema.project, vars(record)))

    def may_change(self, record: Record) -> bool:
        schema = self.schemas[record.project_id]
        return self.policy is None or self.policy.may_change_record(schema.project, vars(record))

    def shown(self, found: Mapping[str, Record]) -> dict[str, Record]:
        return {key: record for key, record in found.items() if self.shows(record)}

    @cached_property
    def by_key(self) -> Mapping[str, Schema]:
        return {schema.project.key: schema for schema in self.schemas.values()}

    @cached_property
    def expressions(self) -> expressions.Schema:
        """The workspace as `shared.expressions` sees it."""
        whole = {key: expressions.project_from(project_changed(schema)) for key, schema in self.by_key.items()}
        projects = {key: replace(each, only=self.only.get(key)) for key, each in whole.items()}
        return expressions.Schema(projects, self.base_currency, self.timezone)

    @cached_property
    def hops(self) -> Mapping[str, frozenset[tuple[Step, ...]]]:
        """By project key: the chains of references that its computed fields go through."""
        return {key: expressions.needed_hops(key, self.expressions) for key in self.by_key}

    @cached_property
    def computed_kinds(self) -> Mapping[str, Mapping[str, Kind]]:
        """By project key: the kind of each computed field."""
        return {
            key: {
                field.key: expressions.find_operand(field.key, key, self.expressions).kind
                for field in schema.computed_fields
            }
            for key, schema in self.by_key.items()
        }

    @cached_property
    def readers(self) -> Mapping[str, Mapping[str, Reader]]:
        """By project id: how its fields are read for the API."""
        return {key: readers_of(each, self.computed_kinds[each.project.key]) for key, each in self.schemas.items()}

    @cached_property
    def operands(self) -> Mapping[str, Mapping[str, Operand]]:
        """By project key: what each of its computed fields stands for."""
        return {key: expressions.computed_operands(key, self.expressions) for key in self.by_key}

    @cached_property
    def required_when(self) -> Mapping[str, Mapping[str, Filter]]:
        """By project id: its fields that have to be filled in sometimes, with when."""
        return {key: parsed(schema, self.expressions) for key, schema in self.schemas.items()}

    @cached_property
    def rollups(self) -> Mapping[str, frozenset[tuple[str, str]]]:
        """By project key: the rollups, by project and field, that its computed fields are made of."""
        mine = {
            (project, key)
            for project, operands in self.operands.items()
            for key in operands
            if isinstance(operands[key].formula, Rollup) and not operands[key].hops
        }
        return {key: expressions.fields_read(*each.values()) & mine for key, each in self.operands.items()}

    @cached_property
    def currencies(self) -> frozenset[str]:
        """Those that amounts are converted into."""
        configs = (field.config for schema in self.schemas.values() for field in schema.computed_fields)
        return frozenset({self.base_currency, *(config["currency"] for config in configs if "currency" in config)})

    @cached_property
    def of_stages(self) -> frozenset[str]:
        """The keys of the projects whose computed fields look into the past of records."""
        return frozenset(key for key, each in self.operands.items() if expressions.looks_back(*each.values()))

    @cached_property
    def phone_regions(self) -> frozenset[str]:
        """The regions in which telephone fields read numbers without a country."""
        fields = [field for schema in self.schemas.values() for field in schema.fields if field.type == "phone"]
        return frozenset(field.config["default_region"] for field in fields if field.config.get("default_region"))

    def value_list(self, key: str) -> ValueList:
        if key not in self.value_lists:
            raise ValueListNotFound(f"There is no value list '{key}'.")
        return self.value_lists[key]

    def schema(self, reference: str) -> Schema:
        """The project of that id or key. Raises `ProjectNotFound`."""
        found = self.schemas.get(reference) or self.by_key.get(reference)
        if found is None:
            raise ProjectNotFound(f"There is no project '{reference}'.")
        return found

    def of(self, project: Project) -> Schema:
        return self.schemas[project.id]

    @cached_property
    def referred_to(self) -> list[str]:
        """The ids of the projects that others refer to."""
        return [schema.project.id for schema in self.schemas.values() if self.references_to(schema.project.key)]

    def references_to(self, key: str) -> list[tuple[Schema, str]]:
        """The reference fields that lead to the project: the project they are in, and their key."""
        return [
            (schema, field.key)
            for schema in self.schemas.values()
            for field in schema.fields
            if field.behaviour.kind is Kind.LINK and field.config["project"] == key
        ]

    def with_schemas(self, *schemas: Schema) -> "Workspace":
        return replace(self, schemas={**self.schemas, **{each.project.id: each for each in schemas}})

    def without(self, project_id: str) -> "Workspace":
        return replace(self, schemas={key: each for key, each in self.schemas.items() if key != project_id})


def _seen(whole: Workspace, policy: Policy) -> Workspace:
    seen = policy.seen(whole.expressions)
    schemas = {
        key: _seen_schema(schema, policy, whole.expressions, seen)
        for key, schema in whole.schemas.items()
        if schema.project.key in seen.projects
    }
    only = {key: project.only for key, project in seen.projects.items()}
    return replace(whole, schemas=schemas, policy=policy, only=only)


def _seen_schema(schema: Schema, policy: Policy, whole: expressions.Schema, seen: expressions.Schema) -> Schema:
    project = schema.project
    gone = set(whole.projects[project.key].by_key) - set(seen.projects[project.key].by_key)
    kept = [each for each in schema.fields if each.key not in gone and policy.may_see_field(project, each.key)]
    shown = [without_hidden(each, project.key, seen) for each in kept]
    told = [_without_hidden_filter(each, seen) for each in shown]
    fixed = {each.key for each in kept if not policy.may_edit_field(project, each.key)}
    return replace(
        schema,
        whole=schema,
        fields=tuple(told),
        lists=tuple(_asking(each, told) for each in schema.lists if policy.may_see_list(project, each.key)),
        tags=tuple(each for each in schema.tags if policy.may_see_tag(project, each.key)),
        fixed=frozenset(fixed | {after.key for before, after in zip(shown, told, strict=True) if before is not after}),
    )


def _asking(each: List, seen: Sequence[Field]) -> List:
    """The list, which asks of those who enter it only for what they see."""
    known = {field_.key for field_ in seen}
    return replace(each, require_on_entry=tuple(key for key in each.require_on_entry if key in known))


def _without_hidden_filter(field_: Field, seen: expressions.Schema) -> Field:
    """A reference chosen by something hidden is shown without that, and may not be changed: a refusal would tell."""
    condition = field_.config.get("filter")
    if field_.behaviour.kind is not Kind.LINK or not condition:
        return field_
    try:
        expressions.parse_filter(condition, field_.config["project"], seen)
    except Invalid:
        return replace(field_, config={name: value for name, value in field_.config.items() if name != "filter"})
    return field_


def check(workspace: Workspace, project: str) -> None:
    """That every reference, filter, lookup and formula of the project can be resolved. Raises `Invalid`.

    Pointers are ``/fields/<key>/…``.
    """
    for each in workspace.by_key[project].fields:
        if each.behaviour.kind is Kind.LINK:
            _check_reference(workspace, each.key, each.config["project"], each.config.get("filter"))
        _check_conditions(workspace, project, each)
    expressions.check_project(project, workspace.expressions)


def check_lists(schema: Schema, key: str) -> None:
    """That a field which counts time names lists there are: only when it is made, for time outlives its list."""
    config = schema.field(key).config
    for place, part in (
        ("/config", config),
        ("/config/start", config.get("start")),
        ("/config/end", config.get("end")),
    ):
        name = part.get("list") if isinstance(part, Mapping) and schema.field(key).behaviour.is_computed else None
        if name is not None and name not in schema.lists_by_key:
            raise Invalid.at(f"{place}/list", f"The project '{schema.project.key}' has no list '{name}'.")


def check_all(workspace: Workspace) -> None:
    """The same for all projects. Raises `StillNeeded`: what is missing was taken away from another's feet."""
    for key in workspace.by_key:
        try:
            check(workspace, key)
        except Invalid as problem:
            raise StillNeeded(f"The project '{key}' needs it: {problem.detail}", problem.errors) from problem


def _check_conditions(workspace: Workspace, project: str, each: Field) -> None:
    place, due = f"/fields/{each.key}", workspace.by_key[project].due_field
    if each.config.get("is_due_date") and due != each:
        raise Invalid.at(f"{place}/config/is_due_date", "Another field of the project says when its records are due.")
    try:
        check_conditions(each, project, workspace.expressions)
    except Invalid as problem:
        raise Invalid(problem.detail, under(place, problem)) from problem


def _check_reference(workspace: Workspace, field: str, target: str, condition: object) -> None:
    place = f"/fields/{field}/config"
    if target not in workspace.by_key:
        raise Invalid.at(f"{place}/project", f"There is no project '{target}' to link to.")
    try:
        expressions.parse_filter(condition, target, workspace.expressions)
    except Invalid as problem:
        raise Invalid(problem.detail, under(f"{place}", problem)) from problem
