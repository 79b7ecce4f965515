"""A person in ClickHouse: looked for in every text column, and rewritten on disk where found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.storage.clickhouse import ClickHouse
from analytics.storage.snapshots import newest
from shared.privacy import Person

SYNCHRONOUS = "SETTINGS mutations_sync = 2, max_execution_time = 0"
_COLUMNS = """
    SELECT table, name, type FROM system.columns
    WHERE database = currentDatabase() AND type LIKE '%String%' AND type NOT LIKE 'Map%'
      AND NOT is_in_sorting_key AND NOT is_in_partition_key AND table IN (
        SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')
    ORDER BY table, position
"""
# Of which record a row is.
OWNERS = {"record": "id", "stage_entry": "record", "activity": "record"}


@dataclass(frozen=True)
class Column:
    table: str
    name: str
    type: str

    @property
    def is_list(self) -> bool:
        return self.type.startswith("Array")

    def matches(self, pattern: str) -> str:
        text = f"toString(`{self.name}`)" if self.is_list else f"ifNull(toString(`{self.name}`), '')"
        return f"match({text}, {quoted(pattern)})"

    def masked(self, patterns: list[str], mark: str) -> str:
        """Twice, since two that touch share the character between them."""
        text = "toString(one)" if self.is_list else f"toString(`{self.name}`)"
        between = quoted(rf"\1{mark}\2")
        for pattern in [*patterns, *patterns]:
            text = f"replaceRegexpAll({text}, {quoted(pattern)}, {between})"
        value = f"arrayMap(one -> {text}, `{self.name}`)" if self.is_list else text
        return f"`{self.name}` = CAST({value}, {quoted(self.type)})"


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


async def found_of(state: Mapping[str, Any], person: Person) -> dict[str, list[Any]]:
    """The newest rows that speak of the person, or of a record that is theirs, by table."""
    engine: ClickHouse = state["clickhouse"]
    found = {}
    for table, columns in (await _columns(engine)).items():
        condition = " OR ".join([*_mentions(columns, person), *_owned(table, person)])
        if condition:
            rows = await engine.query(f"SELECT * FROM {newest(f'`{table}`')} WHERE {condition}")
            found[f"clickhouse:{table}"] = [dict(row) for row in rows]
    return {table: rows for table, rows in found.items() if rows}


async def forget(engine: ClickHouse, person: Person, mark: str) -> dict[str, int]:
    """Rewrite every version that speaks of them, delete those of their records, in new files."""
    done: dict[str, int] = {}
    for table, columns in (await _columns(engine)).items():
        owned, mentions = _owned(table, person), " OR ".join(_mentions(columns, person))
        gone = await _mutate(engine, table, owned[0] if owned else "", "DELETE")
        masking = ", ".join(each.masked(person.plain_patterns, mark) for each in columns)
        gone += await _mutate(engine, table, mentions, f"UPDATE {masking}")
        if gone:
            done[f"clickhouse:{table}"] = gone
            await engine.rewrite(table)
    return done


async def _columns(engine: ClickHouse) -> dict[str, list[Column]]:
    tables: dict[str, list[Column]] = {}
    for row in await engine.query(_COLUMNS):
        tables.setdefault(row["table"], []).append(Column(row["table"], row["name"], row["type"]))
    return tables


async def _mutate(engine: ClickHouse, table: str, condition: str, change: str) -> int:
    if not condition:
        return 0
    number = int(await engine.command(f"SELECT count() FROM `{table}` WHERE {condition}"))
    if number:
        await engine.command(f"ALTER TABLE `{table}` {change} WHERE {condition} {SYNCHRONOUS}")
    return number


def _mentions(columns: list[Column], person: Person) -> list[str]:
    return [each.matches(pattern) for each in columns for pattern in person.plain_patterns]


def _owned(table: str, person: Person) -> list[str]:
    owner = OWNERS.get(table)
    return [f"`{owner}` IN ({', '.join(map(quoted, person.records))})"] if owner and person.records else []
