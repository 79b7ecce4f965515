"""All projects together: references, lookups and formulas reach from one project into others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from records.domain.pointers import under
from records.domain.schema import Project, ProjectNotFound, Schema
from records.domain.snapshots import project_changed
from shared import expressions
from shared.errors import Conflict, Invalid
from shared.expressions import Kind, Step


class StillNeeded(Conflict):
    """Something else is made of what was to go."""


@dataclass(frozen=True)
class Workspace:
    """The live projects by id."""

    schemas: Mapping[str, Schema]
    base_currency: str = "EUR"
    timezone: str = "Europe/Amsterdam"

    @cached_property
    def by_key(self) -> Mapping[str, Schema]:
        return {schema.project.key: schema for schema in self.schemas.values()}

    @cached_property
    def expressions(self) -> expressions.Schema:
        """The workspace as `shared.expressions` sees it."""
        projects = {key: expressions.project_from(project_changed(schema)) for key, schema in self.by_key.items()}
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
    def phone_regions(self) -> frozenset[str]:
        """The regions in which telephone fields read numbers without a country."""
        fields = [field for schema in self.schemas.values() for field in schema.fields if field.type == "phone"]
        return frozenset(field.config["default_region"] for field in fields if field.config.get("default_region"))

    def schema(self, reference: str) -> Schema:
        """The project of that id or key. Raises `ProjectNotFound`."""
        found = self.schemas.get(reference) or self.by_key.get(reference)
        if found is None:
            raise ProjectNotFound(f"There is no project '{reference}'.")
        return found

    def of(self, project: Project) -> Schema:
        return self.schemas[project.id]

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


def check(workspace: Workspace, project: str) -> None:
    """That every reference, filter, lookup and formula of the project can be resolved. Raises `Invalid`.

    Pointers are ``/fields/<key>/…``.
    """
    for field in workspace.by_key[project].fields:
        if field.behaviour.kind is Kind.LINK:
            _check_reference(workspace, field.key, field.config["project"], field.config.get("filter"))
    expressions.check_project(project, workspace.expressions)


def check_all(workspace: Workspace) -> None:
    """The same for all projects. Raises `StillNeeded`: what is missing was taken away from another's feet."""
    for key in workspace.by_key:
        try:
            check(workspace, key)
        except Invalid as problem:
            raise StillNeeded(f"The project '{key}' needs it: {problem.detail}", problem.errors) from problem


def _check_reference(workspace: Workspace, field: str, target: str, condition: object) -> None:
    place = f"/fields/{field}/config"
    if target not in workspace.by_key:
        raise Invalid.at(f"{place}/project", f"There is no project '{target}' to link to.")
    try:
        expressions.parse_filter(condition, target, workspace.expressions)
    except Invalid as problem:
        raise Invalid(problem.detail, under(f"{place}", problem)) from problem
