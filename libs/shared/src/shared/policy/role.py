"""What one role lets its holders see and do in its project."""

from collections.abc import Mapping
from typing import Any, Literal

from shared.contracts.records import FieldLevel, ListLevel, RoleChanged

# A role as it is told; what is not said of it has its default there.
Role = RoleChanged
Flag = Literal[
    "create_records", "complete_records", "bulk_update", "import", "export", "invite", "manage_fields",
    "manage_automations", "recordings",
]  # fmt: skip
Owned = Literal["all", "own", "none"]

# What a role may do that does not say so.
FLAGS: Mapping[Flag, bool] = {
    "create_records": True,
    "complete_records": True,
    "bulk_update": False,
    "import": False,
    "export": False,
    "invite": False,
    "manage_fields": False,
    "manage_automations": False,
    "recordings": False,
}
# The scope that decides where no role does.
NEEDS: Mapping[Flag, str] = {
    "create_records": "write",
    "complete_records": "write",
    "bulk_update": "write",
    "import": "write",
    "export": "read",
    "invite": "admin",
    "manage_fields": "admin",
    "manage_automations": "admin",
    "recordings": "admin",
}
DELETES: Owned = "own"
EVERY = "*"
LIST_LEVELS: tuple[ListLevel, ...] = ("none", "view", "edit", "delete")

# A record as its snapshot has it: ``list``, ``tags``, ``assignees``.
Record = Mapping[str, Any]


def allows(role: Role, flag: Flag) -> bool:
    return bool(role.permissions.get(flag, FLAGS[flag]))


def field_level(role: Role, key: str) -> FieldLevel:
    named = role.field_permissions
    return named.get(key, named.get(EVERY, role.default_field_permission))


def list_level(role: Role, key: str) -> ListLevel:
    named = role.list_permissions
    return named.get(key, named.get(EVERY, role.default_list_permission))


def reaches(role: Role, key: str, level: ListLevel) -> bool:
    return LIST_LEVELS.index(list_level(role, key)) >= LIST_LEVELS.index(level)


def reads(role: Role, record: Record, user: str) -> bool:
    """Whether the role shows this record to the user. `shown` says the same as a filter."""
    tags = set(record["tags"])
    return (
        reaches(role, record["list"], "view")
        and (role.record_scope == "all" or user in record["assignees"])
        and not tags & set(role.denied_tags)
        and (not role.allowed_tags or bool(tags & set(role.allowed_tags)))
    )


def deletes(role: Role, record: Record, user: str) -> bool:
    """A record is a user's own when it is assigned to them."""
    owned = role.permissions.get("delete_records", DELETES)
    own = owned == "own" and user in record["assignees"]
    return (own or owned in ("all", True)) and reaches(role, record["list"], "delete") and reads(role, record, user)


def shown(role: Role, lists: tuple[str, ...], user: str) -> list[dict[str, Any]]:
    """The filter's conditions on the records that the role shows; ``lists`` are all of the project."""
    seen = [key for key in lists if reaches(role, key, "view")]
    conditions: list[dict[str, Any]] = []
    if len(seen) < len(lists):
        conditions.append({"field": "list", "op": "in", "value": seen})
    if role.record_scope == "assigned_only":
        conditions.append({"field": "assignee", "op": "has_any", "value": [user]})
    if role.denied_tags:
        conditions.append({"field": "tags", "op": "has_none", "value": role.denied_tags})
    if role.allowed_tags:
        conditions.append({"field": "tags", "op": "has_any", "value": role.allowed_tags})
    return conditions
