"""The schema of all projects, read once and kept until some project's schema changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.domain.guide import guide_from
from records.domain.options import with_options
from records.domain.schema import Field, List, Project, Schema, Tag
from records.domain.value_list import Item, ValueList
from records.domain.workspace import Workspace
from shared.database import Transaction
from shared.database.driver import fetch_value

# What one process has read last, by its database. The token says whether it still holds.
_known: WeakKeyDictionary[AsyncEngine, tuple[str, Workspace]] = WeakKeyDictionary()

NEWEST = "SELECT token FROM workspace"

# One statement, so that all of it is of one moment.
_PARTS = """project.*,
        ARRAY(SELECT to_jsonb(list) FROM list WHERE list.project_id = project.id ORDER BY position, key) AS lists,
        ARRAY(SELECT to_jsonb(field) FROM field
              WHERE field.project_id = project.id AND deleted_at IS NULL ORDER BY position, key) AS fields,
        ARRAY(SELECT to_jsonb(tag) FROM tag WHERE tag.project_id = project.id ORDER BY position, key) AS tags,
        ARRAY(SELECT definition FROM guide
              JOIN guide_version ON guide_id = guide.id AND guide_version.version = guide.version
              WHERE guide.project_id = project.id AND active ORDER BY (definition ->> 'rank')::int, key) AS guides
    """
# Told once, in the first row.
_VALUE_LISTS = """(SELECT jsonb_agg(to_jsonb(value_list) || jsonb_build_object('items', ARRAY(
        SELECT to_jsonb(item) - 'value_list' FROM value_list_item AS item
        WHERE item.value_list = value_list.key ORDER BY position, key)) ORDER BY key) FROM value_list)"""
_ALL = text(
    f"""
    SELECT workspace.token, workspace.base_currency, workspace.timezone,
        EXISTS (SELECT FROM rate) AS has_rates,
        ARRAY(SELECT name FROM field_index WHERE state = 'ready') AS indexes, {_PARTS},
        CASE WHEN row_number() OVER (ORDER BY project.created_at, project.id) = 1 THEN {_VALUE_LISTS} END AS value_lists
    FROM workspace LEFT JOIN project ON project.deleted_at IS NULL
    ORDER BY project.created_at, project.id
    """  # noqa: S608 — names of our own columns
)
_DELETED = text(
    f"SELECT {_PARTS} FROM project WHERE deleted_at IS NOT NULL AND id = :id"  # noqa: S608 — as above
)

_LOCK = text("UPDATE workspace SET token = gen_random_uuid()::text")


async def current(connection: AsyncConnection, token: str | None = None) -> Workspace:
    """The workspace as it is now; mostly without reading more than its ``token``, if that was not read already."""
    token = token or await fetch_value(connection, NEWEST)
    known = _known.get(connection.engine)
    if known and known[0] == token:
        return known[1]
    token, workspace = await _read(connection)
    _known[connection.engine] = (token, workspace)
    return workspace


async def seen(transaction: Transaction, token: str | None = None) -> Workspace:
    """The workspace as whoever asked for this transaction sees it."""
    return (await current(transaction.connection, token)).seen_by(transaction.policy)


async def secret(connection: AsyncConnection) -> str:
    """What signs links that strangers bring back."""
    return str((await connection.execute(text("SELECT secret FROM workspace"))).scalar_one())


async def for_change(connection: AsyncConnection) -> Workspace:
    """The workspace, locked against other changes of any schema until the commit; everyone reads it again after."""
    await connection.execute(_LOCK)
    return (await _read(connection))[1]


async def tell_anew(connection: AsyncConnection) -> None:
    """Have everyone read the workspace again after the commit."""
    await connection.execute(_LOCK)


async def deleted(connection: AsyncConnection, project_id: str, value_lists: Mapping[str, ValueList]) -> Schema | None:
    """A project in the trash, whole."""
    rows = (await connection.execute(_DELETED, {"id": project_id})).mappings()
    return next((_schema(dict(row), value_lists) for row in rows), None)


async def configure(connection: AsyncConnection, base_currency: str, timezone: str) -> None:
    """Keep the settings that expressions depend on."""
    statement = text(
        """
        UPDATE workspace SET base_currency = :base_currency, timezone = :timezone, token = gen_random_uuid()::text
        WHERE (base_currency, timezone) IS DISTINCT FROM (:base_currency, :timezone)
        """
    )
    await connection.execute(statement, {"base_currency": base_currency, "timezone": timezone})


async def _read(connection: AsyncConnection) -> tuple[str, Workspace]:
    rows = [dict(row) for row in (await connection.execute(_ALL)).mappings()]
    first = rows[0]
    value_lists = {each["key"]: _value_list(each) for each in first["value_lists"] or ()}
    schemas = [_schema(row, value_lists) for row in rows if row["id"]]
    by_id = {schema.project.id: schema for schema in schemas}
    settings = first["base_currency"], first["timezone"], first["has_rates"], value_lists, frozenset(first["indexes"])
    return first["token"], Workspace(by_id, *settings)


def _schema(row: dict[str, Any], value_lists: Mapping[str, ValueList]) -> Schema:
    names = ("key", "name", "version", "created_at", "updated_at", "default_fields", "record_label")
    project = Project(id=str(row["id"]), **{name: row[name] for name in names})
    lists = tuple(_list(_without(each, "project_id")) for each in row["lists"])
    fields = tuple(_field(_without(each, "project_id", "deleted_at"), value_lists) for each in row["fields"])
    tags = tuple(Tag(**_without(each, "project_id")) for each in row["tags"])
    guides = tuple(guide_from(each) for each in row["guides"])
    return Schema(project, lists, fields, tags, guides)


def _field(parts: dict[str, Any], value_lists: Mapping[str, ValueList]) -> Field:
    return Field(**parts | {"config": with_options(parts["config"], value_lists)})


def _value_list(parts: dict[str, Any]) -> ValueList:
    items = tuple(_item(each) for each in parts["items"])
    return ValueList(**parts | {"items": items})


def _item(parts: dict[str, Any]) -> Item:
    gone = parts["deleted_at"]
    return Item(**parts | {"deleted_at": datetime.fromisoformat(gone) if gone else None})


def _list(parts: dict[str, Any]) -> List:
    return List(**parts | {"require_on_entry": tuple(parts["require_on_entry"])})


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
