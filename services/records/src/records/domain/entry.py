"""What a list asks of the records that come into it, and of those that leave it."""

from records.domain.pointers import pointer
from records.domain.schema import List, Schema
from records.domain.versions import Version
from shared.errors import Conflict, FieldError


class ListLocked(Conflict):
    def __init__(self, each: List) -> None:
        super().__init__(f"The list '{each.name}' is locked: nothing comes into it or leaves it.")


def missing_on_entry(version: Version, schema: Schema) -> list[FieldError]:
    """The fields that a record must have to stand where this version puts it, and has not.

    What was moved in from elsewhere is as it was there. Raises `ListLocked`.
    """
    after, before = version.after, version.before
    if version.kind == "updated":
        return []
    for key in {each.list for each in (before, after) if each}:
        if schema.list(key).locked:
            raise ListLocked(schema.list(key))
    if version.kind not in ("created", "moved") or (before is None and after.imported):
        return []
    entered = schema.list(after.list)
    return [
        FieldError(pointer("values", key), f"'{schema.field(key).name}' is needed to enter the list '{entered.name}'.")
        for key in entered.require_on_entry
        if key in schema.fields_by_key and after.values.get(key) is None and not after.links.get(key)
    ]
