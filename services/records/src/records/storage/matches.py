"""Finding records by what they hold, thousands at a time: for imports, whose cells name records by their contents."""

import hashlib
from collections.abc import Collection, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.schema import Schema
from shared.database import Database
from shared.database.driver import fetch


async def find(
    connection: AsyncConnection, schema: Schema, fields: Sequence[str], keys: Collection[tuple[str, ...]]
) -> dict[tuple[str, ...], list[str]]:
    """By key: the ids of the project's live records that hold it in those fields, in small letters or capitals.

    The project is written out, because the indexes are of one project each.
    """
    if not keys:
        return {}
    names = [f"k{number}" for number in range(len(fields))]
    arrays = ", ".join(f"${number}::text[]" for number in range(1, len(fields) + 1))
    same = " AND ".join(
        f"{_expression(schema, each)} = lower({name})" for each, name in zip(fields, names, strict=True)
    )
    statement = f"""
        SELECT {", ".join(names)}, array_agg(record.id::text ORDER BY record.id) AS ids
        FROM unnest({arrays}) AS wanted({", ".join(names)})
        JOIN record ON record.project_id = '{schema.project.id}' AND record.deleted_at IS NULL AND {same}
        GROUP BY {", ".join(names)}
        """  # noqa: S608 — names of fields, which are keys of letters, digits and underscores
    columns = [list(column) for column in zip(*keys, strict=True)]
    rows = await fetch(connection, statement, *columns)
    return {tuple(row[name] for name in names): row["ids"] for row in rows}


async def index(database: Database, schema: Schema, field: str) -> None:
    """An index for `find`, once for each field that records of the project are found by; nobody waits for it."""
    project = schema.project.id
    name = "match_" + hashlib.sha256(f"{project}/{field}".encode()).hexdigest()[:20]
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        invalid = text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
        broken = (await alone.execute(invalid, {"name": name})).scalar_one_or_none()
        if broken is False:
            return
        if broken:
            await alone.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
        await alone.execute(
            text(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON record (({_expression(schema, field)})) "
                f"WHERE project_id = '{project}' AND deleted_at IS NULL"
            )
        )


def _expression(schema: Schema, field: str) -> str:
    if field == "title":
        return "lower(record.title)"
    return f"lower(record.\"values\" ->> '{schema.field(field).key}')"
