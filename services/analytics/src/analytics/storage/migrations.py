"""Bringing ClickHouse to its newest shape at start: numbered .sql files, each run once, in order."""

from datetime import UTC, datetime
from pathlib import Path

from analytics.storage.clickhouse import ClickHouse
from analytics.storage.snapshots import engine, made_durable, newest

APPLIED = f"""
CREATE TABLE IF NOT EXISTS migration
(number UInt16, name String, applied_at DateTime64(3, 'UTC'), version UInt64, is_deleted UInt8)
{engine("number")}
"""


async def migrate(clickhouse: ClickHouse, folder: Path) -> None:
    """Run the files the database has not seen. A file stopped halfway is run again: write ``IF NOT EXISTS``."""
    await clickhouse.command(APPLIED)
    seen = {row["number"] for row in await clickhouse.query(f"SELECT number FROM {newest('migration')}")}
    for path in sorted(folder.glob("[0-9]*.sql")):  # noqa: ASYNC240 — once, before anything is served
        number = int(path.name[:4])
        if number not in seen:
            for statement in statements(path.read_text()):
                await clickhouse.command(statement)
            await clickhouse.insert(
                "migration", [{"number": number, "name": path.stem, "version": 1, "applied_at": datetime.now(UTC)}]
            )


def statements(text: str) -> list[str]:
    """The file's statements, tables made durable. A semicolon at the end of a line ends one."""
    return [made_durable(each) for each in text.split(";\n") if _without_comments(each)]


def _without_comments(statement: str) -> str:
    lines = (line.strip() for line in statement.splitlines())
    return "".join(line for line in lines if not line.startswith("--"))
