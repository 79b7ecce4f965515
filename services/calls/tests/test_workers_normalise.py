"""The normaliser outlives what it is given."""

from dataclasses import replace

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
