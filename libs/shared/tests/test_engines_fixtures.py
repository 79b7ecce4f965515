"""The fixtures every test suite stands on."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import asyncpg
import nats
import psutil
import pytest
from nats.js.api import StreamConfig

embedded = pytest.mark.skipif(
    os.environ.get("TRUNKLINE_TEST_ENGINES") == "containers", reason="containers look after themselves"
)


async def test_the_bus_stores_messages_and_syncs_always(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    try:
        jetstream = client.jetstream()
        await jetstream.add_stream(StreamConfig(name="FIXTURES", subjects=["fixtures.>"]))
        acknowledged = await jetstream.publish("fixtures.one", b"1")
        await jetstream.delete_stream("FIXTURES")
    finally:
        await client.close()
    assert acknowledged.seq == 1


async def test_a_test_has_a_database_of_its_own(database_url: str) -> None:
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        await connection.execute("CREATE TABLE mine (id int)")
        assert await connection.fetchval("SHOW server_version_num") >= "180000"
    finally:
        await connection.close()


async def test_the_next_test_does_not_see_it(database_url: str) -> None:
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        assert await connection.fetchval("SELECT to_regclass('mine')") is None
    finally:
        await connection.close()


def test_a_test_without_a_loop_may_ask_for_a_database(database_url: str) -> None:
    assert database_url.startswith("postgresql+asyncpg://")


@embedded
def test_the_engines_die_with_a_killed_test_run(tmp_path: Path) -> None:
    script = tmp_path / "hold.py"
    script.write_text(
        textwrap.dedent("""
        import time
        from shared.testing.embedded import nats_server, postgres_server
        with nats_server(), postgres_server():
            print("up", flush=True)
            time.sleep(60)
        """)
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"up\n"
        engines = psutil.Process(holder.pid).children(recursive=True)
        holder.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(engines, timeout=5)
    assert {engine.name() for engine in alive} == set()


@embedded
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another user")
async def test_root_runs_the_database_as_somebody_else(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        user = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()")).username()
    finally:
        await connection.close()
    assert user == "nobody"
