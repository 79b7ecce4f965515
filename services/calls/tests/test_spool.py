"""With the database really away, deliveries are safe on disk, and come home when it is back."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import pytest
import pytest_asyncio
from services.calls.tests.running import Running
from services.calls.tests.stories import EXPECTED, TOKEN, bodies, changed
from sqlalchemy import func, select

from calls.main import create_app
from calls.settings import Settings
from calls.storage.spool import Spool, entries
from calls.storage.tables.deliveries import delivery
from shared.engines import places, ports, postgres
from shared.engines.databases import create_database
from shared.engines.processes import spawn, stop, wait_until
from shared.errors import Unavailable
from shared.testing.embedded import DISPOSABLE
from shared.testing.service import PATIENCE_SECONDS, give_key, running

# Before a release, TRUNKLINE_AWAY_SECONDS=60.
AWAY_SECONDS = float(os.environ.get("TRUNKLINE_AWAY_SECONDS", "0.5"))
COUNT = select(func.count()).select_from(delivery)
EVERYTHING = [body for scenario in ("inbound_answered", "inbound_missed") for body in bodies(scenario)]


class Cluster:
    """A PostgreSQL server of this test alone, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "postgres.log"
        user = postgres.unprivileged_user()
        if user:
            shutil.chown(folder, user)
        binaries = postgres.copy_installation(folder / "postgresql") if user else postgres.installation()
        self.cluster = postgres.Cluster(binaries, folder / "data", port=ports.free_ports(1)[0], user=user)
        postgres.initialise(self.cluster, password=None, sync=False)
        self.command = postgres.command(self.cluster, DISPOSABLE)
        self.url = f"postgresql://postgres@127.0.0.1:{self.cluster.port}/postgres"

    def start(self) -> None:
        self.process = spawn(self.command, self._log)
        wait_until(lambda: postgres.is_ready(self.cluster, self.process.pid), self.process, self._log)

    def stop(self) -> None:
        stop(self.process, self.command)


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    folder = places.temporary_folder("trunkline-spool-")
    try:
        cluster = Cluster(folder)
        cluster.start()
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture
async def stoppable(bus_url: str, tmp_path: Path) -> AsyncIterator[tuple[Running, Cluster]]:
    with own_cluster() as cluster:
        await create_database(cluster.url, "calls")
        address = cluster.url.replace("postgresql://", "postgresql+asyncpg://", 1).removesuffix("postgres") + "calls"
        app = create_app(Settings(database_url=address, nats_url=bus_url, spool_dir=tmp_path / "spool"))
        async with running(app) as client:
            client.headers["authorization"] = f"Bearer {await give_key(app.state.database)}"
            yield Running(app, client), cluster


async def test_nothing_is_lost_while_the_database_is_away(stoppable: tuple[Running, Cluster], tmp_path: Path) -> None:
    service, cluster = stoppable
    await service.connect()
    await service.deliver(EVERYTHING[:3])
    await asyncio.to_thread(cluster.stop)
    answers = await asyncio.gather(*(service.post(body) for body in EVERYTHING[3:]))
    assert {each.status_code for each in answers} == {202}
    unknown = await service.post(EVERYTHING[0], "/hooks/aircall/unknown")
    assert (unknown.status_code, unknown.headers["retry-after"]) == (503, "5")
    assert (await service.post(EVERYTHING[0].replace(TOKEN.encode(), b"wrong"))).status_code == 401
    (file,) = (tmp_path / "spool").iterdir()
    assert len(list(entries(file))) == len(EVERYTHING) - 3
    assert TOKEN.encode() not in file.read_bytes()

    await asyncio.to_thread(cluster.start)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while list((tmp_path / "spool").iterdir()):
            await asyncio.sleep(0.05)
    await service.settled()
    assert len((await service.get("/v1/deliveries", limit=500))["items"]) == len(EVERYTHING)
    for scenario in ("inbound_answered", "inbound_missed"):
        expected = EXPECTED[scenario]
        call = await service.call(expected["provider_call_id"])
        assert {key: call[key] for key in expected} == expected
    await nothing_that_comes_meanwhile_is_lost(service, cluster)


async def nothing_that_comes_meanwhile_is_lost(service: Running, cluster: Cluster) -> None:
    """Webhooks come before, while and after it is away; each that was acknowledged is there."""
    before, over, answers = await service.one(COUNT), asyncio.Event(), list[int]()

    async def come(first: int) -> None:
        number = first
        while not over.is_set():
            answers.append((await service.post(changed(EVERYTHING[0], id=number))).status_code)
            number += 1
            await asyncio.sleep(0.02)

    async with asyncio.timeout(60 + 3 * AWAY_SECONDS), asyncio.TaskGroup() as tasks:
        for line in range(4):
            tasks.create_task(come(10_000_000 * (line + 1)))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(cluster.stop)
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(cluster.start)
        while answers[-1] != HTTPStatus.OK:
            await asyncio.sleep(0.02)
        over.set()
    assert set(answers) == {HTTPStatus.OK, HTTPStatus.ACCEPTED}
    async with asyncio.timeout(60):
        while await service.one(COUNT) < before + len(answers):
            await asyncio.sleep(0.05)
    await service.settled(patience=60)
    assert await service.one(COUNT) == before + len(answers)


async def test_a_spool_keeps_what_is_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.open()
    await asyncio.gather(*(spool.append(b"%d" % number) for number in range(50)))
    (file,) = await spool.seal()
    assert sorted(int(each) for each in entries(file)) == list(range(50))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert len(list(entries(file))) == 49
    file.write_bytes(whole[:-1] + b"\xff")
    assert len(list(entries(file))) == 49


async def test_a_spool_begins_anew_after_it_was_sealed_and_finds_old_files(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.open()
    await spool.append(b"first")
    await spool.seal()
    await spool.append(b"second")
    again = Spool(tmp_path / "spool")
    again.open()
    assert [list(entries(file)) for file in again.files()] == [[b"first"], [b"second"]]
    assert again.size == spool.size
    for file in again.files():
        again.remove(file)
    assert again.size == 0
    await spool.seal()


async def test_a_full_spool_says_come_back(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", limit_bytes=100)
    spool.open()
    await spool.append(b"x" * 60)
    with pytest.raises(Unavailable):
        await spool.append(b"x" * 60)
    await spool.seal()
