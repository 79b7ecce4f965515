"""Who sent a request, seen through proxies, and who may."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import bodies

from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.senders import may_post, sender
from calls.usecases.take_delivery import handshake

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("198.51.100.7", [], "198.51.100.7"),
        ("198.51.100.7", ["192.0.2.1"], "198.51.100.7"),
        ("10.0.0.2", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.2", ["203.0.113.5, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.2", ["203.0.113.5", "192.0.2.1, 10.1.1.1"], "192.0.2.1"),
        ("2001:db8::1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("10.0.0.2", ["10.0.0.3"], "10.0.0.3"),
        ("10.0.0.2", ["192.0.2.1, nonsense"], "nonsense"),
    ],
)
def test_forwarded_addresses_are_believed_as_far_as_proxies_are_trusted(
    peer: str, forwarded: list[str], found: str
) -> None:
    assert sender(peer, forwarded, PROXIES) == found


@pytest.mark.parametrize(
    ("address", "allowed", "may"),
    [
        ("192.0.2.1", [], True),
        ("192.0.2.1", None, True),
        ("192.0.2.1", ["192.0.2.0/24"], True),
        ("::ffff:192.0.2.1", ["192.0.2.0/24"], True),
        ("198.51.100.7", ["192.0.2.0/24", "2001:db8::/32"], False),
        ("nonsense", ["0.0.0.0/0"], False),
        ("", ["0.0.0.0/0"], False),
    ],
)
def test_where_some_are_listed_nobody_else_may_post(address: str, allowed: list[str] | None, *, may: bool) -> None:
    assert may_post(address, allowed) is may


async def test_a_connection_listens_to_the_addresses_it_lists(service: Running) -> None:
    await service.connect(settings={"allowed_ips": ["192.0.2.5/24", "127.0.0.1"]})
    assert (await service.post(bodies()[0])).status_code == 200
    listed = {"settings": {"allowed_ips": ["192.0.2.0/24"]}}
    assert (await service.client.patch(f"/v1/connections/{service.connection}", json=listed)).status_code == 200
    await service.refreshed()
    for headers in ({}, {"x-forwarded-for": "192.0.2.1"}):
        assert (await service.post(bodies()[1], **headers)).status_code == 401
    wrong = {"settings": {"allowed_ips": ["somewhere"]}}
    answer = await service.client.patch(f"/v1/connections/{service.connection}", json=wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/settings/allowed_ips"


def test_only_listed_addresses_are_greeted() -> None:
    now = datetime(2025, 11, 18, tzinfo=UTC)
    settings = {"handshake_until": (now + timedelta(minutes=1)).isoformat(), "allowed_ips": ["192.0.2.0/24"]}
    greeting = HookRequest(b"", now, {"validation-token": "one"}, settings=settings, sender="192.0.2.1")
    assert handshake(providers()["ringcentral"], greeting)
    assert handshake(providers()["ringcentral"], replace(greeting, sender="198.51.100.7")) is None
