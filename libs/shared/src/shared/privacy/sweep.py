"""Every text column of every table of a service's database, looked through for a person. Nothing lists the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.privacy.person import Person

# Tables that hold copies of what others say: counted, never exported.
TECHNICAL = ("outbox", "inbox", "idempotency", "dead_letter", "job", "api_key", "alembic_version", "export_part")
_COLUMNS = text(
    """
    SELECT relname AS "table", array_agg(attname::text ORDER BY attnum) AS names,
           array_agg(format_type(atttypid, NULL) ORDER BY attnum) AS types
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND attnum > 0
      AND NOT attisdropped AND attgenerated = ''
      AND atttypid IN ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'text[]'::regtype, 'bytea'::regtype)
    GROUP BY relname ORDER BY relname
    """
)
# How a column of a type is read as text, and written with the person's place taken by the mark.
_READ = {
    "text[]": "array_to_string({0}, ' ')",
    "bytea": "encode({0}, 'escape')",
    "jsonb": "{0}::text",
}
_MASKED = {
    "text[]": "ARRAY(SELECT regexp_replace(one, :pattern, :mark, 'gi') FROM unnest({0}) WITH ORDINALITY"
    " AS each(one, at) ORDER BY at)",
    "bytea": "decode(regexp_replace(encode({0}, 'escape'), :pattern, :mark, 'gi'), 'escape')",
    "jsonb": "regexp_replace(regexp_replace({0}::text, :bare, 'null', 'g'), :pattern, :mark, 'gi')::jsonb",
}


@dataclass(frozen=True)
class Columns:
    """The columns of a table that may speak of somebody; ``condition`` is true of rows that do."""

    table: str
    types: Mapping[str, str]

    @property
    def condition(self) -> str:
        read = (_READ.get(kind, "{0}").format(f'"{name}"') for name, kind in self.types.items())
        return " OR ".join(f"{each} ~* :pattern" for each in read)

    @property
    def masking(self) -> str:
        plain = "regexp_replace({0}, :pattern, :mark, 'gi')"
        masked = {name: _MASKED.get(kind, plain).format(f'"{name}"') for name, kind in self.types.items()}
        return ", ".join(f'"{name}" = {value}' for name, value in masked.items())


async def tables(connection: AsyncConnection) -> list[Columns]:
    rows = await connection.execute(_COLUMNS)
    return [Columns(row.table, dict(zip(row.names, row.types, strict=True))) for row in rows]


async def count(connection: AsyncConnection, person: Person) -> dict[str, int]:
    """How many rows of each table speak of the person; tables with none are left out."""
    found = {}
    for each in await tables(connection) if person.pattern else []:
        statement = text(f'SELECT count(*) FROM "{each.table}" WHERE {each.condition}')  # noqa: S608 — the catalogue's own names
        found[each.table] = (await connection.execute(statement, {"pattern": person.pattern})).scalar_one()
    return {table: number for table, number in found.items() if number}


async def rows(connection: AsyncConnection, person: Person) -> dict[str, Sequence[Mapping[str, Any]]]:
    """The rows themselves, whole, without the platform's own copies of them."""
    found = {}
    for each in await tables(connection) if person.pattern else []:
        if each.table in TECHNICAL:
            continue
        readable = " || ".join(["to_jsonb(one)", *_readable(each)])
        statement = text(f'SELECT {readable} FROM "{each.table}" AS one WHERE {each.condition}')  # noqa: S608 — as above
        found[each.table] = list((await connection.execute(statement, {"pattern": person.pattern})).scalars())
    return {table: told for table, told in found.items() if told}


async def mask(connection: AsyncConnection, each: Columns, person: Person, mark: str) -> int:
    """Put the mark in the person's place in all rows of a table; how many there were."""
    statement = text(f'UPDATE "{each.table}" SET {each.masking} WHERE {each.condition}')  # noqa: S608 — as above
    named = {name: value for name, value in _given(person, mark).items() if f":{name}" in statement.text}
    return (await connection.execute(statement, named)).rowcount


def _given(person: Person, mark: str) -> dict[str, str]:
    return {"pattern": person.pattern, "bare": person.bare_pattern, "mark": mark}


def _readable(each: Columns) -> list[str]:
    names = [name for name, kind in each.types.items() if kind == "bytea"]
    return [f"jsonb_build_object('{name}', encode(\"{name}\", 'escape'))" for name in names]
