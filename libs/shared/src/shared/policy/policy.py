"""The decision itself. It asks no database: whoever calls it hands over the project and the record as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from shared.errors import Invalid
from shared.expressions import Field, Kind, Project, Schema, find_operand, lists_read
from shared.policy.role import (
    NEEDS,
    Flag,
    Record,
    Role,
    allows,
    deletes,
    field_level,
    list_level,
    reaches,
    reads,
    shown,
)


class Place(Protocol):
    """A project, whichever way it is kept: roles name it by its id."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True)
class Policy:
    """The rights of one caller.

    Scopes bound what a key may do at all. A key without a user (a machine's) and one of scope ``admin`` are decided by
    them alone; a user has in each project the union of their ``roles`` there. ``governed`` are the ids of the projects
    that have roles: who has none of them sees nothing there. In all others the scopes decide for users, too.
    """

    scopes: frozenset[str]
    user: str | None = None
    roles: tuple[Role, ...] = ()
    governed: frozenset[str] = frozenset()

    @property
    def is_bound(self) -> bool:
        """Whether roles have a say at all."""
        return self.user is not None and "admin" not in self.scopes and bool(self.governed)

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """Equal for policies that show the same."""
        mine = self.user if self.is_bound else None
        return (mine, self.scopes, self.governed if mine else (), tuple((each.id, each.version) for each in self.roles))

    # --- records

    def may_read_record(self, project: Place, record: Record) -> bool:
        roles = self._roles(project)
        return "read" in self.scopes and (roles is None or any(reads(role, record, self._me) for role in roles))

    def may_create_record(self, project: Place, list_: str) -> bool:
        roles = self._roles(project)
        return "write" in self.scopes and (
            roles is None or any(allows(role, "create_records") and reaches(role, list_, "edit") for role in roles)
        )

    def may_change_record(self, project: Place, record: Record) -> bool:
        roles = self._roles(project)
        return "write" in self.scopes and (
            roles is None
            or any(reads(role, record, self._me) and reaches(role, record["list"], "edit") for role in roles)
        )

    def may_change_list(self, project: Place, key: str) -> bool:
        """Change the records in the list, and bring others there."""
        roles = self._roles(project)
        return "write" in self.scopes and (roles is None or any(reaches(role, key, "edit") for role in roles))

    def sees_only_own(self, project: Place) -> bool:
        roles = self._roles(project)
        return roles is not None and all(role.record_scope == "assigned_only" for role in roles)

    def may_delete_record(self, project: Place, record: Record) -> bool:
        roles = self._roles(project)
        return "write" in self.scopes and (roles is None or any(deletes(role, record, self._me) for role in roles))

    def record_filter(self, project: Project) -> dict[str, Any] | None:
        """The filter that lets pass the records the caller may read; None lets all pass."""
        roles = self._roles(project)
        if roles is None:
            return None
        ways = [shown(role, tuple(stage.key for stage in project.lists), self._me) for role in roles]
        return None if [] in ways else {"any": [{"all": conditions} for conditions in ways]}

    # --- fields, lists and tags

    def seen(self, schema: Schema) -> Schema:
        """The workspace as the caller sees it: what they may not see does not exist in it.

        A computed field stays only where it still resolves, so what is built on something hidden is hidden. Each
        project says in ``only`` which of its records there are; all three backends of expressions go by that.
        """
        if not self.is_bound:
            return schema
        projects = {key: self._seen_project(each) for key, each in schema.projects.items() if self.may_see(each)}
        direct = replace(schema, projects={key: _linked(each, projects) for key, each in projects.items()})
        dark = frozenset(
            (key, stage.key)
            for key, each in projects.items()
            for stage in schema.projects[key].lists
            if stage not in each.lists
        )
        kept = {key: _resolvable(each, direct, dark) for key, each in direct.projects.items()}
        return replace(schema, projects=kept)

    def visible_fields(self, project: Place, schema: Schema) -> frozenset[str]:
        """The fields whose values the caller may see, filter by, sort by and compute with.

        ``schema`` is the whole workspace: a lookup is as hidden as what it leads to.
        """
        if "read" not in self.scopes:
            return frozenset()
        seen = self.seen(schema).projects.values()
        return frozenset(key for each in seen if each.id == project.id for key in each.by_key)

    def changeable_fields(self, project: Place, schema: Schema) -> frozenset[str]:
        """The stored fields the caller may change: those seen, computed ones never."""
        if not {"read", "write"} <= self.scopes:
            return frozenset()
        projects = [each for each in self.seen(schema).projects.values() if each.id == project.id]
        stored = [each.key for seen in projects for each in seen.fields if each.kind is not None]
        return frozenset(key for key in stored if self.may_edit_field(project, key))

    def may_see(self, project: Place) -> bool:
        roles = self._roles(project)
        return roles is None or bool(roles)

    def may_see_field(self, project: Place, key: str) -> bool:
        """By its own level: whether it is built on hidden ones is `seen`'s to say."""
        roles = self._roles(project)
        return roles is None or any(field_level(role, key) != "none" for role in roles)

    def may_edit_field(self, project: Place, key: str) -> bool:
        roles = self._roles(project)
        return roles is None or any(field_level(role, key) == "edit" for role in roles)

    def may_see_list(self, project: Place, key: str) -> bool:
        roles = self._roles(project)
        return roles is None or any(list_level(role, key) != "none" for role in roles)

    def may_see_tag(self, project: Place, key: str) -> bool:
        roles = self._roles(project)
        return roles is None or any(key not in role.denied_tags for role in roles)

    # --- everything else

    def may(self, right: Flag, project: Place | None = None) -> bool:
        """Whether the caller may do such things in the project; without one, in some project."""
        anywhere = self.roles if self.is_bound else None
        roles = self._roles(project) if project is not None else anywhere
        if roles is None:
            return NEEDS[right] in self.scopes
        return NEEDS[right] in {"admin", *self.scopes} and any(allows(role, right) for role in roles)

    def may_backdate(self) -> bool:
        """Bring records in with the times and the history they had elsewhere."""
        return {"write", "backdate"} <= self.scopes

    def may_configure(self, project: Place | None = None) -> bool:
        """Change projects, keys, users and roles; the fields, lists and tags of a project also by its roles."""
        return "admin" in self.scopes or (project is not None and self.is_bound and self.may("manage_fields", project))

    @cached_property
    def _by_project(self) -> Mapping[str, tuple[Role, ...]]:
        projects = {role.project for role in self.roles}
        return {each: tuple(role for role in self.roles if role.project == each) for each in projects}

    @property
    def _me(self) -> str:
        return self.user or ""

    def _roles(self, project: Place) -> tuple[Role, ...] | None:
        """The caller's roles in the project; None where the scopes decide alone."""
        if not self.is_bound or project.id not in self.governed:
            return None
        return self._by_project.get(project.id, ())

    def _seen_project(self, project: Project) -> Project:
        return replace(
            project,
            fields=tuple(each for each in project.fields if self.may_see_field(project, each.key)),
            lists=tuple(each for each in project.lists if self.may_see_list(project, each.key)),
            only=self.record_filter(project),
        )


# Nothing is bound: what the system itself does, and what it tells itself.
EVERYTHING = Policy(frozenset({"read", "write", "admin", "backdate"}))


def _linked(project: Project, seen: Mapping[str, Project]) -> Project:
    """Without the references to projects that are not seen at all."""
    fields = tuple(each for each in project.fields if each.kind is not Kind.LINK or each.target in seen)
    return replace(project, fields=fields)


def _resolvable(project: Project, schema: Schema, dark: frozenset[tuple[str, str]]) -> Project:
    """``dark`` are the lists that are not seen, each with its project: time spent there is not seen either."""
    return replace(project, fields=tuple(each for each in project.fields if _resolves(each, project, schema, dark)))


def _resolves(field: Field, project: Project, schema: Schema, dark: frozenset[tuple[str, str]]) -> bool:
    try:
        operand = find_operand(field.key, project.key, schema)
    except Invalid:
        return False
    return not dark & lists_read(operand)
