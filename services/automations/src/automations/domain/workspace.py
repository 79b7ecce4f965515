"""The projects of the workspace, as rules and expressions see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from shared.contracts.records import ProjectChanged
from shared.expressions import Filter, Project, Schema, project_from

# A rule for any project may only ask what all records have: the fields of a project without fields.
ANY = ""


@dataclass(frozen=True)
class Workspace:
    """``projects`` by key, and the same as ``schema`` for expressions. ``parsed``: conditions by rule and version."""

    projects: Mapping[str, ProjectChanged]
    schema: Schema
    parsed: dict[tuple[str, int], Filter] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def currencies(self) -> frozenset[str]:
        """The base currency, and those that fields are in or are converted into."""
        configs = (each.config for project in self.projects.values() for each in project.fields)
        return frozenset({self.schema.base_currency, *(each["currency"] for each in configs if each.get("currency"))})

    def find(self, name: str) -> ProjectChanged | None:
        """The project of this key or id."""
        by_id = (each for each in self.projects.values() if each.id == name)
        return self.projects.get(name) or next(by_id, None)


def workspace_of(projects: Iterable[ProjectChanged], base_currency: str, timezone: str) -> Workspace:
    known = {each.key: each for each in projects if not each.deleted}
    schema = {key: project_from(each) for key, each in known.items()} | {ANY: Project(ANY)}
    return Workspace(known, Schema(projects=schema, base_currency=base_currency, timezone=timezone))
