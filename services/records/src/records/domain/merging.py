"""What becomes of a record, and what is left to do, when an option or a tag is merged into another."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from records.domain.record import Record
from records.domain.schema import Schema


def merged(record: Record, schema: Schema, given: Mapping[str, Any]) -> Record:
    """The record with ``into`` in place of ``from``, in its tags or in one ``field``."""
    gone, into, field = given["from"], given["into"], given["field"]
    if field is None:
        return replace(record, tags=tuple(dict.fromkeys(into if tag == gone else tag for tag in record.tags)))
    value = record.values.get(field)
    if isinstance(value, list):
        chosen = {into if key == gone else key for key in value}
        value = [option["key"] for option in schema.field(field).config["options"] if option["key"] in chosen]
    else:
        value = into if value == gone else value
    return record if value is None else replace(record, values={**record.values, field: value})


def mentions(schema: Schema, field: str, key: str) -> list[str]:
    """The fields of the project whose configuration names the value of that field, as in a filter."""
    return [each.key for each in schema.fields if _mentions(each.config, field, key)]


def _mentions(tree: Any, field: str, key: str) -> bool:
    if isinstance(tree, Mapping):
        here = field in tree and key in _texts(tree[field])
        return here or any(_mentions(each, field, key) for each in tree.values())
    return isinstance(tree, list | tuple) and any(_mentions(each, field, key) for each in tree)


def _texts(tree: Any) -> list[str]:
    if isinstance(tree, Mapping | list | tuple):
        return [text for each in (tree.values() if isinstance(tree, Mapping) else tree) for text in _texts(each)]
    return [tree] if isinstance(tree, str) else []
