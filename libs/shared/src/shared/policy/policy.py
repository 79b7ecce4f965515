"""The decision itself. It asks no database: whoever calls it hands over the project and the record as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.expressions import Project

# A record as its snapshot has it: ``list``, ``tags``, ``assignees``, ``values`` …
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """The rights of one caller. They come from the scopes of the key, which hold for every project and record."""

    scopes: frozenset[str]

    def may_read_record(self, project: Project, record: Record) -> bool:  # noqa: ARG002 — all records alike
        return "read" in self.scopes

    def may_create_record(self, project: Project, list_: str) -> bool:  # noqa: ARG002 — all lists alike
        return "write" in self.scopes

    def may_change_record(self, project: Project, record: Record) -> bool:  # noqa: ARG002 — all records alike
        return "write" in self.scopes

    def may_delete_record(self, project: Project, record: Record) -> bool:
        return self.may_change_record(project, record)

    def may_backdate(self) -> bool:
        """Bring records in with the times and the history they had elsewhere."""
        return {"write", "backdate"} <= self.scopes

    def may_configure(self) -> bool:
        """Change projects, fields, lists, keys and users."""
        return "admin" in self.scopes

    def visible_fields(self, project: Project) -> frozenset[str]:
        """The fields whose values the caller may see, filter by, sort by and compute with."""
        return frozenset(project.by_key) if "read" in self.scopes else frozenset()

    def changeable_fields(self, project: Project) -> frozenset[str]:
        """The stored fields the caller may change: those seen, computed ones never."""
        if "write" not in self.scopes:
            return frozenset()
        return frozenset(key for key in self.visible_fields(project) if project.by_key[key].kind is not None)
