"""Roles: what those who have them see and do in a project."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from records.domain.pointers import pointer
from records.domain.schema import Schema
from records.domain.schema_parts import checked_key, checked_name
from shared.errors import FieldError, Invalid, NotFound
from shared.policy import Role
from shared.policy.role import EVERY, FLAGS

OWNED = ("all", "own", "none")


class RoleNotFound(NotFound):
    pass


def new_role(given: Mapping[str, Any], schema: Schema, role_id: str) -> Role:
    """A role from the API's object. Raises `Invalid`."""
    key = checked_key(given.get("key"))
    blank = Role(id=role_id, project=schema.project.id, key=key, name=key, version=1)
    return changed_role(blank, {name: value for name, value in given.items() if name != "key"}, schema)


def changed_role(before: Role, given: Mapping[str, Any], schema: Schema) -> Role:
    """The role with what the API's object says, at the same version. Raises `Invalid`, naming each mistake."""
    try:
        after = Role.model_validate(before.model_dump() | dict(given))
    except ValidationError as error:
        mistakes = [FieldError(pointer(*each["loc"]), f"{each['msg']}.") for each in error.errors()]
        raise Invalid(mistakes[0].detail, mistakes) from error
    checked_name(after.name)
    errors = [*_unknown(after, schema), *_wrong_permissions(after)]
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return after


def _unknown(role: Role, schema: Schema) -> list[FieldError]:
    """What it speaks of that the project does not have."""
    tags = {tag.key for tag in schema.tags}
    named: list[tuple[str, str, Iterable[str], set[str]]] = [
        ("field_permissions", "field", role.field_permissions, {EVERY, *schema.fields_by_key}),
        ("list_permissions", "list", role.list_permissions, {EVERY, *schema.lists_by_key}),
        ("allowed_tags", "tag", role.allowed_tags, tags),
        ("denied_tags", "tag", role.denied_tags, tags),
    ]
    return [
        FieldError(pointer(place, key), f"The project '{schema.project.key}' has no {noun} '{key}'.")
        for place, noun, keys, known in named
        for key in keys
        if key not in known
    ]


def _wrong_permissions(role: Role) -> list[FieldError]:
    errors = []
    for name, value in role.permissions.items():
        place = pointer("permissions", name)
        if name == "delete_records":
            if value not in OWNED:
                errors.append(FieldError(place, f"'delete_records' is one of {', '.join(OWNED)}."))
        elif name not in FLAGS:
            errors.append(FieldError(place, f"There is no permission '{name}'; there is {', '.join(FLAGS)}."))
        elif not isinstance(value, bool):
            errors.append(FieldError(place, f"'{name}' is true or false."))
    return errors
