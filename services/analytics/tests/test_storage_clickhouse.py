"""The engine as a store: what makes it safe, what it says when it does not open, what it remembers."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from services.analytics.tests.running import MARCH, NOON, Asking, answered

from analytics.main import MIGRATIONS
from analytics.storage import clickhouse as storage
from analytics.storage.clickhouse import CannotOpen, ClickHouse, address, open_clickhouse
from analytics.storage.migrations import migrate, statements
from analytics.storage.snapshots import DURABLE

OPEN = """
import asyncio, sys
from analytics.storage.clickhouse import CannotOpen, open_clickhouse
try:
    asyncio.run(open_clickhouse(sys.argv[1]))
except CannotOpen as refusal:
    print(refusal)
"""


def sentence_of_another_process(folder: Path) -> str:
    """What a process of its own says when it opens the folder: an engine opens one folder in its life."""
    command = [sys.executable, "-c", OPEN, f"chdb://{folder}?database=other"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


async def test_every_table_survives_a_power_loss(clickhouse: ClickHouse) -> None:
    rows = await clickhouse.query(
        "SELECT name, engine, create_table_query AS made FROM system.tables WHERE database = currentDatabase()"
    )
    assert {"call", "record", "stage_entry", "activity", "availability", "rate", "spend", "migration"} == {
        row["name"] for row in rows
    }
    for row in rows:
        assert row["engine"] == "ReplacingMergeTree"
        assert "ReplacingMergeTree(version, is_deleted)" in row["made"]
        assert all(f"{name} = {value}" in row["made"] for name, value in DURABLE.items()), row["name"]


def test_every_migration_takes_its_engine_from_the_one_place() -> None:
    for path in sorted((MIGRATIONS / "clickhouse").glob("*.sql")):
        assert "MergeTree" not in path.read_text()
        assert all("ReplacingMergeTree" in each for each in statements(path.read_text()) if "CREATE TABLE" in each)


async def test_migrations_run_once(clickhouse: ClickHouse) -> None:
    await migrate(clickhouse, MIGRATIONS / "clickhouse")
    rows = await clickhouse.query("SELECT number, count() AS times FROM migration GROUP BY number ORDER BY number")
    files = sorted((MIGRATIONS / "clickhouse").glob("[0-9]*.sql"))
    assert [(row["number"], row["times"]) for row in rows] == [(number, 1) for number in range(1, len(files) + 1)]


async def test_a_folder_in_use_says_so(clickhouse: ClickHouse, chdb_path: str) -> None:
    assert sentence_of_another_process(Path(chdb_path)) == (
        f"The ClickHouse folder {chdb_path} is in use by another process; only one can open it. Stop that one."
    )


def test_a_damaged_folder_says_so_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "other.sql").write_text("what is this")
    said = sentence_of_another_process(tmp_path)
    assert said.startswith(f"The ClickHouse folder {tmp_path} is damaged and does not open. Move it away")


async def test_a_second_folder_in_one_process_is_refused(clickhouse: ClickHouse, tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="has another ClickHouse folder open"):
        await open_clickhouse(f"chdb://{tmp_path}")


async def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotOpen, match=r"ClickHouse does not answer at 127\.0\.0\.1:1:"):
        await open_clickhouse("clickhouse://user:secret@127.0.0.1:1/analytics")


def test_addresses_are_read() -> None:
    assert address("chdb:///var/lib/data").folder == "/var/lib/data"
    assert address("chdb:///data?database=test").database == "test"
    server = address("clickhouses://me:p%40ss@host/numbers")
    assert server.database == "numbers"
    assert dict(server.client)["password"] == "p@ss"
    assert dict(server.client)["port"] == 8443
    with pytest.raises(CannotOpen, match="is no address"):
        address("mysql://host")


async def test_an_answer_is_remembered_until_the_next_row(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    engine = storage._ask

    def counting(client: Any, sql: str, bound: dict[str, Any]) -> list[storage.Row]:
        asked.append(sql)
        return engine(client, sql, bound)

    monkeypatch.setattr(storage, "_ask", counting)
    await asking.keep([answered(1)])
    assert await asking.value("call_volume") == 1
    assert await asking.value("call_volume") == 1
    assert len(asked) == 1
    await asking.keep([answered(2)])
    assert await asking.value("call_volume") == 2
    assert len(asked) == 2


async def test_a_median_comes_with_the_values_that_enclose_it(asking: Asking) -> None:
    await asking.keep(answered(number, wait_s=float(number), at=NOON) for number in range(1, 101))
    found = await asking.point("asa", period=MARCH)
    median, ninetieth = found.quantiles["median"], found.quantiles["p90"]
    # The ranks of the binomial distribution: 40 and 61 of 100, 84 and 96.
    assert (median.value, median.low, median.high) == (50, 40, 61)
    assert (ninetieth.low, ninetieth.high) == (84, 96)
    by_queue = await asking.points("asa", group_by="queue")
    assert by_queue[0].quantiles["median"].value == 50
    assert by_queue[0].quantiles["median"].low is None
