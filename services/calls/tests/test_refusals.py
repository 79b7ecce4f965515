"""What is turned away at a hook is told to whoever connects the provider, with the cause where it can be known."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import PROVIDERS, TOKEN, bodies, live_secrets, sent

from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.refusal import why_refused
from shared.testing.service import PATIENCE_SECONDS

SIGN_THE_ADDRESS = ["justcall", "ringover", "twilio"]
SIGN_THE_TIME = ["asterisk", "generic", "justcall", "vonage"]


def why(provider: str, request: HookRequest, secrets: dict[str, list[str]] | None = None) -> str:
    return why_refused(providers()[provider], request, secrets or live_secrets(provider))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_wrong_secret_is_told(provider: str) -> None:
    wrong = {name: values if name == "header" else ["another"] for name, values in live_secrets(provider).items()}
    assert why(provider, sent(provider)[0], wrong).startswith("No live secret")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_a_stranger_left_out_is_told(provider: str) -> None:
    assert "to prove that" in why(provider, replace(sent(provider)[0], headers={}, body=b"{}"))


@pytest.mark.parametrize("provider", SIGN_THE_ADDRESS)
def test_the_address_it_was_signed_for_is_told(provider: str) -> None:
    request = sent(provider)[0]
    host = request.url.split("/")[2]
    inside = replace(request, url=request.url.replace(f"https://{host}", "http://10.0.0.7:8003"))
    proxied = replace(inside, headers=dict(request.headers) | {"x-forwarded-host": host})
    assert f"signed for {request.url}, " in why(provider, proxied)
    unknown = replace(inside, headers={name: each for name, each in request.headers.items() if name != "host"})
    assert why(provider, unknown).startswith("No live secret of this connection fits it, or it is signed for another")


@pytest.mark.parametrize("provider", SIGN_THE_TIME)
def test_a_clock_that_is_wrong_is_told(provider: str) -> None:
    request = sent(provider)[0]
    assert "clock" in why(provider, replace(request, received_at=request.received_at + timedelta(hours=1)))


def test_a_sender_that_is_not_listed_is_told() -> None:
    request = replace(sent("aircall")[0], sender="198.51.100.7", settings={"allowed_ips": ["192.0.2.0/24"]})
    assert "198.51.100.7" in why("aircall", request)


def test_a_handshake_out_of_time_is_told() -> None:
    greeting = HookRequest(b"", sent("ringcentral")[0].received_at, {"validation-token": "42"})
    assert "handshake" in why("ringcentral", greeting)


async def test_a_connection_counts_what_it_turned_away_until_it_is_heard_of(service: Running) -> None:
    await service.connect("another")
    for _ in range(3):
        assert (await service.post(bodies()[0])).status_code == 401
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (seen := await service.get(f"/v1/connections/{service.connection}"))["refused"]:
            await asyncio.sleep(0.02)
    assert seen["refused_because"].startswith("No live secret")
    assert seen["refused_because"] in seen["warning"]
    right = {"secrets": {"token": TOKEN}}
    assert (await service.client.patch(f"/v1/connections/{service.connection}", json=right)).is_success
    await service.deliver([bodies()[0]])
    healed = (await service.get("/v1/connections"))["items"][0]
    assert (healed["warning"], healed["refused"] >= 1) == (None, True)


async def test_a_host_alone_is_told_the_path_of_the_hook(service: Running) -> None:
    await service.connect(public_url="https://calls.example.com")
    path = f"/v1/connections/{service.connection}"
    assert (await service.get(path))["public_url"] == f"https://calls.example.com{service.hook}"
    for told, known in {
        "https://voice.example.com/": f"https://voice.example.com{service.hook}",
        "https://example.com/in/here": "https://example.com/in/here",
    }.items():
        changed = await service.client.patch(path, json={"public_url": told})
        assert changed.json()["public_url"] == known


@pytest.mark.parametrize("told", ["calls.example.com", "https://calls.example.com/hooks/twilio/x#rc=5", "ftp://x/y"])
async def test_what_is_no_address_is_refused(service: Running, told: str) -> None:
    await service.connect()
    answer = await service.client.patch(f"/v1/connections/{service.connection}", json={"public_url": told})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/public_url")
