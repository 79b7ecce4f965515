"""A part of `tests/fuzz/hooks.py`, over real HTTP, with what a stranger does who never comes to an end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
import uvicorn
from services.calls.tests.running import Running
from services.calls.tests.stories import PROVIDERS, bodies
from tests.fuzz.hooks import Door, Report, connected, read_back, send_bent_bodies, send_rude_requests, settled
from tests.fuzz.wire import Closed, Wire, posted

from shared.engines.ports import free_ports
from shared.http import protocol
from shared.http.protocol import BoundedProtocol

BODIES = 12


@asynccontextmanager
async def served(service: Running) -> AsyncIterator[Door]:
    """Its application on a port, as `shared.http.server` serves it."""
    (port,) = free_ports(1)
    server = uvicorn.Server(
        uvicorn.Config(service.app, port=port, http=BoundedProtocol, lifespan="off", ws="none", log_config=None)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield "127.0.0.1", port
    server.should_exit = True
    await serving


@pytest_asyncio.fixture
async def door(service: Running) -> AsyncIterator[Door]:
    async with served(service) as opened:
        yield opened


async def test_bodies_bent_and_then_signed_are_kept_byte_for_byte_and_settled(service: Running, door: Door) -> None:
    hooks = [await connected(service.client, provider) for provider in PROVIDERS]
    reports = [Report() for _ in hooks]
    for hook, report in zip(hooks, reports, strict=True):
        await send_bent_bodies(door, hook, report, BODIES, seed=4)
    for hook, report in zip(hooks, reports, strict=True):
        await settled(service.client, hook)
        await read_back(service.client, hook, report)
        assert report.wrong == []
        assert report.answers[200] > 0


async def test_what_is_hardly_http_is_nobodys_fault_but_the_callers(
    service: Running, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    report, hook = Report(), await connected(service.client, "aircall")
    await send_rude_requests(door, hook, report, patience=1)
    await settled(service.client, hook)
    await read_back(service.client, hook, report)
    assert report.wrong == []
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []


@pytest.mark.parametrize("begun", [b"", b"POST /hooks/", b"POST /hooks/aircall/x HTTP/1.1\r\nhost: x\r\nx: y"])
async def test_who_never_comes_to_the_end_of_a_head_is_shown_out(
    door: Door, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(protocol, "SECONDS", 0.1)
    async with Wire(*door) as slow:
        assert (await slow.ask(begun))[0] == 408


async def test_who_never_comes_to_the_end_of_a_body_is_shown_out(
    service: Running, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SECONDS", 0.1)
    await service.connect()
    request = posted(service.hook, {}, bodies()[0])
    async with Wire(*door) as slow, Wire(*door) as quick:
        with pytest.raises(Closed):
            await slow.ask(request[:-1])
        assert (await quick.ask(request))[0] == 200


async def test_a_head_without_an_end_does_not_fill_the_memory(door: Door) -> None:
    async with Wire(*door) as endless:
        status, _ = await endless.ask(b"POST /hooks/aircall/x HTTP/1.1\r\nx: " + b"y" * (1 << 20))
    assert status == 431


async def test_a_connection_is_kept_for_the_next_request_and_not_for_ever(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SECONDS", 0.1)
    async with Wire(*door) as own:
        assert (await own.ask(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"))[0] == 200
        assert (await own.ask(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"))[0] == 200
        assert (await own.ask(b"\r\n"))[0] == 408


async def test_who_left_before_the_answer_breaks_nothing(
    service: Running, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    await service.connect()
    request = posted(service.hook, {}, bodies()[0])
    async with Wire(*door) as own:
        assert (await own.ask(request * 20))[0] == 200
    async with httpx.AsyncClient(base_url=f"http://{door[0]}:{door[1]}", trust_env=False) as client:
        assert (await client.get("/livez")).is_success
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []
