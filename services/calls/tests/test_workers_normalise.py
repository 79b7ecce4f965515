"""The normaliser outlives what it is given."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import EXPECTED, bodies

from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, providers
from calls.usecases import normalise

AIRCALL = providers()["aircall"]


def poisoned() -> dict[str, Provider]:
    """A fault of ours: facts about one call that the database cannot hold."""

    def interpret(request: HookRequest) -> list[Fact]:
        facts = AIRCALL.interpret(request)
        return [replace(fact, subject="\x00") if fact.subject == MISSED else fact for fact in facts]

    return {"aircall": replace(AIRCALL, interpret=interpret)}


MISSED = EXPECTED["inbound_missed"]["provider_call_id"]


async def test_a_delivery_that_breaks_us_holds_up_nobody(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    await service.connect()
    with monkeypatch.context() as seeded:
        seeded.setattr(normalise, "providers", poisoned)
        await service.deliver(bodies())
    quarantined = (await service.get("/v1/deliveries", state="quarantined"))["items"]
    assert len(quarantined) == len(bodies("inbound_missed"))
    assert all(each["reason"].startswith("it broke our side") for each in quarantined)
    for scenario in EXPECTED.keys() - {"inbound_missed"}:
        assert (await service.call(EXPECTED[scenario]["provider_call_id"]))["outcome"] == "answered"

    await service.client.post("/v1/deliveries/replay", json={"state": "quarantined"})
    await service.settled()
    assert (await service.call(MISSED))["outcome"] == "abandoned"


async def test_what_is_said_under_another_name_waits_for_its_call(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a provider whose recording is told before the id it is told under is known."""

    def interpret(request: HookRequest) -> list[Fact]:
        (fact,) = AIRCALL.interpret(request)
        if b"comm_assets_generated" in request.body:
            return [replace(fact, subject="another name", scope="alias", values={"disposition": "sold"})]
        return [replace(fact, aliases=("another name",)) if b'"call.ended"' in request.body else fact]

    await service.connect()
    monkeypatch.setattr(normalise, "providers", lambda: {"aircall": replace(AIRCALL, interpret=interpret)})
    told = bodies("inbound_answered")
    await service.deliver(told[13:14])
    assert (await service.get("/v1/calls"))["items"] == []
    await service.deliver(told[:9])
    answered = EXPECTED["inbound_answered"]["provider_call_id"]
    assert (await service.call(answered))["disposition"] is None
    await service.deliver(told[11:12])
    assert (await service.call(answered))["disposition"] == "sold"
    await service.client.post("/v1/deliveries/replay", json={"connection": service.connection})
    await service.settled()
    assert (await service.call(answered))["disposition"] == "sold"


async def test_calls_that_turn_out_to_be_one_are_one_whatever_came_first(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a provider that tells of a transfer as a call of its own, until it says which call that was."""

    def interpret(request: HookRequest) -> list[Fact]:
        (fact,) = AIRCALL.interpret(request)
        if b'"call.answered"' in request.body:
            return [replace(fact, subject="another name")]
        return [replace(fact, aliases=("another name",)) if b'"call.ended"' in request.body else fact]

    monkeypatch.setattr(normalise, "providers", lambda: {"aircall": replace(AIRCALL, interpret=interpret)})
    told = bodies("inbound_answered")
    begun, taken, over = told[0], told[5], told[11]
    assert [b'"call.answered"' in taken, b'"call.ended"' in over] == [True, True]
    wholes = []
    for order in itertools.permutations((begun, taken, over)):
        await service.connect()
        heard = set[str]()
        for body in order:
            await service.deliver([body])
            heard |= {each["id"] for each in await listed(service)}
        (one,) = await listed(service)
        assert one["provider_call_id"] == EXPECTED["inbound_answered"]["provider_call_id"]
        for known in heard:
            answer = await service.client.get(f"/v1/calls/{known}")
            assert answer.json()["id"] == one["id"]
            assert answer.headers["content-location"] == f"/v1/calls/{one['id']}"
            noted = await service.client.patch(f"/v1/calls/{known}", json={"topic": "price"})
            assert (noted.json()["id"], noted.json()["topic"]) == (one["id"], "price")
        (named,) = await listed(service, provider_call_id="another name")
        assert named["id"] == one["id"]
        wholes.append({name: value for name, value in one.items() if name not in OF_ONE_TELLING})
        await gone_is_told(service, heard - {one["id"]}, one["id"])
    assert all(each == wholes[0] for each in wholes)


OF_ONE_TELLING = ("id", "connection", "version", "first_seen_at")


async def listed(service: Running, **asked: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await service.get("/v1/calls", connection=service.connection, **asked))["items"]
    return items


async def gone_is_told(service: Running, parts: set[str], whole: str) -> None:
    """The last word on each part is that it is gone, and where."""
    told = [each["data"]["call"] for each in await service.events("calls.call.updated.v1")]
    last = {call["id"]: call for call in told}
    assert {(last[each]["gone"], last[each]["merged_into"]) for each in parts} <= {(True, whole)}
    assert not last[whole]["gone"]


async def test_an_improved_adapter_mends_history(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(request: HookRequest) -> list[Fact]:
        return [fact for fact in AIRCALL.interpret(request) if fact.kind != "held"]

    await service.connect()
    with monkeypatch.context() as seeded:
        seeded.setattr(normalise, "providers", lambda: {"aircall": replace(AIRCALL, interpret=forgetful)})
        await service.deliver(bodies("inbound_answered"))
    answered = EXPECTED["inbound_answered"]["provider_call_id"]
    before = await service.call(answered)
    assert (before["hold_s"], before["talk_s"]) == (0, 204)
    await service.client.post("/v1/deliveries/replay", json={"connection": service.connection})
    await service.settled()
    after = await service.call(answered)
    assert (after["hold_s"], after["talk_s"], after["version"]) == (20, 184, before["version"] + 1)
