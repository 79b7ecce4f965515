"""The ClickHouse engine: embedded in this process (``chdb:///folder``) or a server (``clickhouse://…``).

Both are driven by the same synchronous client, so queries run in threads: a few at a time, in the order they came,
each with a client of its own, while the writer has one to itself.
"""

import asyncio
import fcntl
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import clickhouse_connect
import orjson
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from analytics.storage.snapshots import READ_SETTINGS

# More at once only slow each other, and the inserts, down.
QUERIES_AT_ONCE = 2
THREADS_A_QUERY = 2
LONGEST_QUERY_SECONDS = 30
MEBIBYTE = 1 << 20
MOST_REMEMBERED = 256
MOST_REMEMBERED_ROWS = 1_000
# The engine's errors that a row's content causes: it cannot be parsed, converted, or is out of range.
DATA_AT_FAULT = frozenset({6, 25, 26, 27, 32, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349})
CODE = re.compile(r"Code: (\d+)")
T = TypeVar("T")
Row = Mapping[str, Any]
Question = tuple[str, str]


class DataRefused(ValueError):
    """A row does not fit its table."""


class CannotOpen(RuntimeError):
    """The engine does not open; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the engine is. ``folder`` for the embedded one; else ``client`` are the arguments of the network client."""

    database: str
    folder: str | None = None
    client: tuple[tuple[str, Any], ...] = ()


def address(url: str) -> Address:
    """Read ``chdb:///path[?database=name]`` or ``clickhouse[s]://user:password@host:port/database``."""
    parts = urlsplit(url)
    if parts.scheme == "chdb":
        (database,) = parse_qs(parts.query).get("database", ["analytics"])
        return Address(database, folder=unquote(parts.path))
    if parts.scheme not in ("clickhouse", "clickhouses"):
        raise CannotOpen(f"'{parts.scheme}://' is no address of ClickHouse: use chdb:///folder or clickhouse://host.")
    secure = parts.scheme == "clickhouses"
    client = {
        "host": parts.hostname or "localhost",
        "port": parts.port or (8443 if secure else 8123),
        "username": unquote(parts.username or "default"),
        "password": unquote(parts.password or ""),
        "secure": secure,
        "autogenerate_session_id": False,
    }
    return Address(parts.path.strip("/") or "analytics", client=tuple(client.items()))


class ClickHouse:
    """Opened by `open_clickhouse`; `close` it. Times come and go as aware datetimes in UTC."""

    def __init__(self, connect: Callable[[], Client], database: str, *, alone: bool) -> None:
        self.database = database
        self._alone = alone
        self._writer = connect()
        self._idle = [connect() for _ in range(QUERIES_AT_ONCE)]
        self._turns = asyncio.Semaphore(QUERIES_AT_ONCE)
        self._writing = asyncio.Lock()
        self._threads = ThreadPoolExecutor(QUERIES_AT_ONCE + 1, thread_name_prefix="clickhouse")
        self._answers: dict[Question, list[Row]] = {}
        self._writes = 0

    async def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a SELECT over snapshots, by column name. ``parameters`` are bound by the server.

        Where nobody else writes, a question asked before is answered from memory, until the next row comes in.
        """
        question = sql, repr(sorted((parameters or {}).items()))
        known = self._answers.get(question)
        if known is not None:
            return known
        writes = self._writes
        rows = await self._ask(sql, parameters or {})
        if self._alone and writes == self._writes and len(rows) <= MOST_REMEMBERED_ROWS:
            if len(self._answers) >= MOST_REMEMBERED:
                self._answers.clear()
            self._answers[question] = rows
        return rows

    async def _ask(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        await self._turns.acquire()
        client = self._idle.pop()
        work = self._threads.submit(_ask, client, sql, dict(parameters))
        loop = asyncio.get_running_loop()

        def give_back(_done: Future[list[Row]]) -> None:
            self._idle.append(client)
            self._turns.release()

        # Also when the caller went away: a client may not be handed on before its query has ended.
        work.add_done_callback(lambda done: loop.call_soon_threadsafe(give_back, done))
        return await asyncio.shield(asyncio.wrap_future(work))

    async def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows, in one part on disk, synced before this returns. Columns a row does not name keep their default.

        Raises `DataRefused` where a row is at fault; then none of them is added.
        """
        if rows:
            await self._write(lambda client: _insert(client, table, rows))

    async def command(self, sql: str) -> Any:
        """Run DDL, or a question of one value whose answer may never be an old one."""
        return await self._write(lambda client: _command(client, sql))

    async def rewrite(self, table: str) -> None:
        """Copy the table into new files and delete the old ones, in one turn of the writer.

        The embedded engine leaves parts that a mutation replaced on disk; a server removes them by itself (after
        `old_parts_lifetime`, 8 minutes), and there others may be writing: nothing is done.
        """
        if self._alone:
            copy = f"`copy_of_{table}`"
            steps = (
                f"DROP TABLE IF EXISTS {copy} SYNC",
                f"CREATE TABLE {copy} AS `{table}`",
                f"INSERT INTO {copy} SELECT * FROM `{table}` SETTINGS max_execution_time = 0",
                f"EXCHANGE TABLES {copy} AND `{table}`",
                f"DROP TABLE {copy} SYNC",
            )
            await self._write(lambda client: [_command(client, step) for step in steps])

    async def close(self) -> None:
        """Let what runs end, then close the engine."""
        await asyncio.to_thread(self._threads.shutdown)
        for client in (self._writer, *self._idle):
            await asyncio.to_thread(client.close)

    async def _write(self, step: Callable[[Client], T]) -> T:
        async with self._writing:
            self._forget()
            work = asyncio.wrap_future(self._threads.submit(step, self._writer))
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                await asyncio.wait([work])
                raise
            finally:
                self._forget()

    def _forget(self) -> None:
        """Before a write and after it: what was read meanwhile may have seen either."""
        self._writes += 1
        self._answers.clear()


async def open_clickhouse(url: str, memory_bytes: int = 2048 * MEBIBYTE) -> ClickHouse:
    """Open the engine, making the database if it is not there. Raises `CannotOpen` with one clear sentence."""
    place = address(url)
    return await asyncio.to_thread(_open, place, memory_bytes)


def _open(place: Address, memory_bytes: int) -> ClickHouse:
    options = _embedded(place.folder, memory_bytes) if place.folder else dict(place.client)
    try:
        first = clickhouse_connect.get_client(**options)
        first.command(f"CREATE DATABASE IF NOT EXISTS {_quoted(place.database)}")
        opened = ClickHouse(lambda: _connect(place, options, memory_bytes), place.database, alone=bool(place.folder))
        first.close()
    except (ClickHouseError, OSError) as error:
        raise CannotOpen(_why(place, error)) from error
    return opened


def _connect(place: Address, options: Mapping[str, Any], memory_bytes: int) -> Client:
    settings = {
        "max_threads": THREADS_A_QUERY,
        "max_execution_time": LONGEST_QUERY_SECONDS,
        "max_memory_usage": memory_bytes // 2,
        "max_partitions_per_insert_block": 0,
        "date_time_input_format": "best_effort",
        "input_format_skip_unknown_fields": 0,
        "input_format_null_as_default": 1,
        **READ_SETTINGS,
    }
    return clickhouse_connect.get_client(**options, database=place.database, settings=settings, tz_mode="aware")


def _embedded(folder: str, memory_bytes: int) -> dict[str, Any]:
    """The engine's memory is bounded: by itself it would take nine tenths of the machine's."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    configuration = (
        f"<clickhouse><max_server_memory_usage>{memory_bytes}</max_server_memory_usage>"
        "<asynchronous_metrics_update_period_s>60</asynchronous_metrics_update_period_s></clickhouse>"
    )
    file = Path(folder) / "engine.xml"
    with NamedTemporaryFile("w", dir=folder, delete=False) as written:
        written.write(configuration)
    Path(written.name).replace(file)
    return {"interface": "chdb", "path": folder, "chdb_options": {"config-file": str(file)}}


def _why(place: Address, error: Exception) -> str:
    """One sentence for whoever starts the service; the engine's own words follow only where they say something."""
    if not place.folder:
        return f"ClickHouse does not answer at {dict(place.client)['host']}:{dict(place.client)['port']}: {error}"
    if isinstance(error, OSError):
        return f"The ClickHouse folder {place.folder} cannot be written: {error.strerror}."
    if _locked(Path(place.folder)):
        return (
            f"The ClickHouse folder {place.folder} is in use by another process; only one can open it. Stop that one."
        )
    if "already initialized with path" in str(error):
        return (
            f"This process has another ClickHouse folder open; {place.folder} must be opened by a process of its own."
        )
    return (
        f"The ClickHouse folder {place.folder} is damaged and does not open. Move it away and start again: "
        "the facts are rebuilt from the bus, older ones by re-publishing them."
    )


def _locked(folder: Path) -> bool:
    try:
        with (folder / "status").open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _ask(client: Client, sql: str, parameters: dict[str, Any]) -> list[Row]:
    # Where none is bound by the server, the client would take every % of the SQL for a place of its own.
    bound = {name: value for name, value in parameters.items() if f"{{{name}:" in sql}
    result = client.query(sql, parameters=bound or None)
    names = result.column_names
    return [dict(zip(names, row, strict=True)) for row in result.result_rows]


def _insert(client: Client, table: str, rows: Sequence[Row]) -> None:
    try:
        client.raw_insert(table, insert_block=b"\n".join(map(orjson.dumps, rows)), fmt="JSONEachRow")
    except orjson.JSONEncodeError as error:
        raise DataRefused(str(error)) from error
    except ClickHouseError as error:
        code = CODE.search(str(error))
        if code and int(code[1]) in DATA_AT_FAULT:
            raise DataRefused(str(error)) from error
        raise


def _command(client: Client, sql: str) -> Any:
    return client.command(sql)


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
