"""The forwarder beside a telephone server: a real TCP manager, the real calls service, and kills in between."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from services.calls.tests.running import Running
from services.calls.tests.stories import FIXTURES, expected_calls, live_secrets

import trunkline.asterisk_forwarder
from shared.engines import ports
from trunkline.asterisk_forwarder import Spool

FORWARDER = trunkline.asterisk_forwarder.__file__
KEY = live_secrets("asterisk")["forwarder_hmac_key"][0]
SECRET = "manager-secret"
PATIENCE = 60


def story(scenario: str) -> list[dict[str, str]]:
    files = sorted((FIXTURES / "asterisk").glob(f"{scenario}.*.json"))
    return [json.loads(file.read_text())["ami"] for file in files]


class Manager:
    """Speaks AMI: greets, checks the login, tells events to whoever is logged in."""

    def __init__(self) -> None:
        self.logged_in = asyncio.Event()
        self.refused = 0
        self._listeners: list[asyncio.StreamWriter] = []
        self._writers: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for each in self._writers:
                each.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        action = (await reader.readuntil(b"\r\n\r\n")).decode()
        if f"Secret: {SECRET}" not in action:
            self.refused += 1
            writer.write(b"Response: Error\r\nMessage: Authentication failed\r\n\r\n")
            writer.close()
            return
        writer.write(b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n")
        self._listeners = [writer]
        self.logged_in.set()

    async def tell(self, *events: dict[str, str]) -> None:
        for event in [{"Event": "PeerStatus", "Peer": "PJSIP/101"}, *events]:
            block = "".join(f"{name}: {value}\r\n" for name, value in event.items()) + "\r\n"
            for writer in self._listeners:
                writer.write(block.encode())
                await writer.drain()


@asynccontextmanager
async def forwarding(hook: str, source: list[str], spool: Path, secret: str = SECRET) -> AsyncIterator[Process]:
    environment = os.environ | {"TRUNKLINE_FORWARDER_KEY": KEY, "TRUNKLINE_AMI_SECRET": secret}
    arguments = [FORWARDER, f"--hook={hook}", *source, f"--spool={spool}"]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


@asynccontextmanager
async def listening(service: Running, port: int) -> AsyncIterator[str]:
    """The service at an address of its own."""
    config = uvicorn.Config(service.app, port=port, lifespan="off", log_level="error", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}{service.hook}"
    finally:
        server.should_exit = True
        await task


async def ready(value: Any) -> bool:
    return bool(value)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.05)


async def connect(service: Running) -> None:
    await service.connect_to("asterisk", {"forwarder_hmac_key": KEY}, settings={"timezone": "UTC"})


async def deliveries(service: Running) -> int:
    return len((await service.get("/v1/deliveries", limit=500))["items"])


def spooled(spool: Path) -> int:
    file = spool / "events.jsonl"
    return len(file.read_bytes().splitlines()) if file.exists() else 0


async def test_what_the_manager_tells_becomes_calls_though_everybody_falls_over(
    service: Running, tmp_path: Path
) -> None:
    await connect(service)
    told, manager, spool = story("inbound_answered"), Manager(), tmp_path / "spool"
    (port,) = ports.free_ports(1)
    hook = f"http://127.0.0.1:{port}{service.hook}"
    async with manager.serving() as ami:
        source = [f"--ami=127.0.0.1:{ami}"]
        async with forwarding(hook, source, spool):  # the service is not there, and then the forwarder is killed
            async with asyncio.timeout(PATIENCE):
                await manager.logged_in.wait()
            await manager.tell(*told[:4])
            await until(lambda: ready(spooled(spool) == 4))
        manager.logged_in.clear()
        async with listening(service, port), forwarding(hook, source, spool):
            async with asyncio.timeout(PATIENCE):
                await manager.logged_in.wait()
            await manager.tell(*told[4:])
            await until(lambda: _settled_calls(service, len(told)))
    expected = expected_calls("asterisk")["inbound_answered"]
    call = await service.call(expected["provider_call_id"])
    told_by_asterisk = (
        "outcome",
        "wait_s",
        "talk_s",
        "queue",
        "agent",
        "from_number",
        "to_number",
        "started_at",
        "ended_at",
    )
    assert {name: call[name] for name in told_by_asterisk} == {name: expected[name] for name in told_by_asterisk}
    assert await deliveries(service) == len(told)


async def _settled_calls(service: Running, count: int) -> bool:
    if await deliveries(service) < count:
        return False
    await service.settled()
    return True


async def test_a_wrong_secret_is_tried_again_and_nothing_is_sent(service: Running, tmp_path: Path) -> None:
    await connect(service)
    manager = Manager()
    async with manager.serving() as ami:
        source = [f"--ami=127.0.0.1:{ami}"]
        async with forwarding("http://127.0.0.1:9/", source, tmp_path / "spool", secret="wrong"):
            await until(lambda: ready(manager.refused >= 2))
    assert spooled(tmp_path / "spool") == 0


async def test_the_queue_log_is_followed_through_its_rotation_and_our_death(service: Running, tmp_path: Path) -> None:
    await connect(service)
    lines = (FIXTURES / "asterisk" / "queue_log.txt").read_text().splitlines(keepends=True)
    file, spool = tmp_path / "queue_log", tmp_path / "spool"
    file.write_text("1763450000|NONE|NONE|NONE|QUEUESTART|\n")
    (port,) = ports.free_ports(1)
    async with listening(service, port) as hook:
        async with forwarding(hook, [f"--queue-log={file}"], spool):
            await until(lambda: ready((spool / "queue_log.json").exists()))
            with file.open("a") as log:
                log.write(lines[0] + lines[1][:20])
            await until(lambda: _arrived(service, 1))
        with file.open("a") as log:
            log.write(lines[1][20:])
        async with forwarding(hook, [f"--queue-log={file}"], spool):
            await until(lambda: _arrived(service, 2))
            with file.open("a") as log:
                log.write(lines[2])
            file.rename(tmp_path / "queue_log.1")
            file.write_text("".join(lines[3:]))
            await until(lambda: _arrived(service, 5))
    await service.settled()
    answered, left = await service.call("1763457245.101"), await service.call("1763458300.111")
    assert (answered["outcome"], answered["wait_s"], answered["talk_s"]) == ("answered", 23, 204)
    assert (left["outcome"], left["wait_s"]) == ("abandoned", 41)


async def _arrived(service: Running, count: int) -> bool:
    return await deliveries(service) >= count


def test_the_spool_keeps_what_was_not_sent_and_forgets_half_an_event(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add([{"n": 1}, {"n": 2}])
        first = spool.next(0)
        assert first == b'{"n":1}'
        spool.drop(first)
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"n":3')
    with Spool(tmp_path) as again:
        second = again.next(0)
        assert second == b'{"n":2}'
        again.drop(second)
        assert again.next(0) is None


def test_a_spool_that_was_all_sent_begins_anew(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        for _ in range(3):
            spool.add([{"text": "x" * (2 << 20)}])
        while event := spool.next(0):
            spool.drop(event)
        assert (tmp_path / "events.jsonl").stat().st_size == 0
        spool.add([{"n": 4}])
    with Spool(tmp_path) as again:
        assert again.next(0) == b'{"n":4}'
