"""The projects of the workspace, as rules and expressions see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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

    def find(self, name: str) -> ProjectChanged | None:
        """The project of this key or id."""
        by_id = (each for each in self.projects.values() if each.id == name)
        return self.projects.get(name) or next(by_id, None)


def workspace_of(projects: Iterable[ProjectChanged], base_currency: str, timezone: str) -> Workspace:
    known = {each.key: each for each in projects if not each.deleted}
    schema = {key: project_from(each) for key, each in known.items()} | {ANY: Project(ANY)}
    return Workspace(known, Schema(projects=schema, base_currency=base_currency, timezone=timezone))
