"""Every provider through the real door: signed requests over HTTP, on the real engines, on a clock that is theirs."""

import random
from datetime import timedelta
from typing import Any

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import PROVIDERS, expected_calls, manifest, sent
from services.calls.tests.test_domain_conformance import mangled

from calls.domain.hook import HookRequest
from calls.workers import normalise


async def shown(service: Running, provider: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for scenario, expected in expected_calls(provider).items():
        call = await service.call(expected["provider_call_id"])
        found[scenario] = {name: call[name] for name in expected}
    return found


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_its_calls_come_out_as_expected_in_any_order_and_doubled(
    clocked: Running, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every other provider as if there were a backlog, when what is said of one call is told at once."""
    monkeypatch.setattr(normalise, "MANY", PROVIDERS.index(provider) % 2 * normalise.MANY)
    about = manifest(provider)
    await clocked.connect_to(provider, about["secrets"], public_url=about["public_url"], settings=about["settings"])
    requests = sent(provider)
    for request in random.Random(7).sample(requests, len(requests)):
        assert (await clocked.send(request)).is_success
    await clocked.settled()
    assert await shown(clocked, provider) == expected_calls(provider)
    events = await clocked.events()
    for request in requests:
        assert (await clocked.send(request)).is_success
    await clocked.settled()
    assert await shown(clocked, provider) == expected_calls(provider)
    assert len(await clocked.events()) == len(events)
    await every_byte_is_there(clocked, requests, about["secrets"])


async def every_byte_is_there(service: Running, requests: list[HookRequest], secrets: dict[str, str]) -> None:
    listed = (await service.get("/v1/deliveries", limit=500))["items"]
    bodies = [(await service.get(f"/v1/deliveries/{each['id']}"))["body"] for each in listed]
    for request in requests:
        hidden = request.body.decode()
        for name, secret in secrets.items():
            hidden = hidden if name == "header" else hidden.replace(secret, "[redacted]")
        assert hidden in bodies


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_nothing_it_is_sent_is_our_fault(clocked: Running, provider: str) -> None:
    """Forged and mangled requests: taken or turned away, never a 500; and the next one is served."""
    about = manifest(provider)
    await clocked.connect_to(provider, about["secrets"], public_url=about["public_url"], settings=about["settings"])
    original = sent(provider)[0]
    await clocked.set_clock(original.received_at)
    for body in mangled(original.body):
        assert (await clocked.post_as(original, body=body)).status_code in (200, 401)
        assert (await clocked.post_as(original, body=body, headers={})).status_code in (200, 401)
    await clocked.settled()
    states = {each["state"] for each in (await clocked.get("/v1/deliveries", limit=500))["items"]}
    assert states <= {"normalised", "duplicate", "quarantined"}
    assert (await clocked.send(original)).status_code == 200


async def test_a_changed_address_is_signed_from_the_next_request_on(clocked: Running) -> None:
    about, request = manifest("justcall"), sent("justcall")[0]
    await clocked.connect_to("justcall", about["secrets"], public_url="https://hooks.example.com/too-early")
    assert (await clocked.send(request)).status_code == 401
    change = {"public_url": about["public_url"]}
    assert (await clocked.client.patch(f"/v1/connections/{clocked.connection}", json=change)).is_success
    assert (await clocked.send(request)).status_code == 200


async def test_what_was_signed_long_ago_is_turned_away(clocked: Running) -> None:
    about, request = manifest("justcall"), sent("justcall")[0]
    await clocked.connect_to("justcall", about["secrets"], public_url=about["public_url"])
    await clocked.set_clock(request.received_at + timedelta(seconds=301))
    assert (await clocked.post_as(request)).status_code == 401
