"""Deliveries are kept in order: read again on purpose, their bodies not kept for ever, news in them noticed."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import EXPECTED, bodies, changed

from calls.domain.drift import paths, unknown_paths
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.storage import upkeep
from calls.usecases import normalise
from calls.workers.retention import expire_some

AIRCALL = providers()["aircall"]
ANSWERED = EXPECTED["inbound_answered"]["provider_call_id"]


def test_places_do_not_count_indexes_and_ids() -> None:
    assert paths(b'{"a": [{"b": 1}, {"b": 2}], "u": {"71001": true}, "n": null}') == {"/a/[]/b", "/u/{}", "/n"}
    assert paths(b"CallSid=CA1&From=%2B1") == {"/CallSid", "/From"}


async def test_what_a_provider_began_to_send_is_counted(service: Running) -> None:
    await service.connect()
    first = bodies("inbound_answered")[0]
    await service.deliver([first, changed(first, mood="sunny"), changed(first, mood="grey", id=7)])
    found = (await service.get("/v1/deliveries/drift", provider="aircall"))["items"]
    assert [(each["path"], each["deliveries"]) for each in found] == [("/data/mood", 2)]
    assert "mood" in (await service.get(f"/v1/deliveries/{found[0]['delivery']}"))["body"]


async def test_only_so_many_new_places_are_noted(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "MOST_PLACES", 3)
    await service.connect()
    for letters in ("ab", "bc", "cdefg", "a"):
        await service.deliver([changed(bodies()[0], **dict.fromkeys(letters, letters))])
    noted = {each["path"]: each["deliveries"] for each in (await service.get("/v1/deliveries/drift"))["items"]}
    assert noted == {"/data/a": 2, "/data/b": 2, "/data/c": 2}


def test_what_is_very_large_is_looked_at_in_part() -> None:
    wide = json.dumps({"data": {f"{chr(97 + n % 26) * (n // 26 + 1)}": 1 for n in range(5_000)}}).encode()
    assert len(unknown_paths("aircall", wide)) == 200
    assert unknown_paths("twilio", b"&".join(b"a=1" for _ in range(100_000))) == ["/a"]


async def test_a_dry_run_says_what_would_change_and_changes_nothing(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(request: HookRequest) -> list[Fact]:
        return [fact for fact in AIRCALL.interpret(request) if fact.kind != "held"]

    await service.connect()
    with monkeypatch.context() as seeded:
        old = {"aircall": replace(AIRCALL, interpret=forgetful, version="of old")}
        seeded.setattr(normalise, "providers", lambda: old)
        await service.deliver(bodies("inbound_answered"))
    held = await replay(service, adapter="of old", dry_run=True)
    assert held["replayed"] == 0
    assert held["matching"] == held["trial"]["understood"] == len(bodies("inbound_answered"))
    assert (await service.call(ANSWERED))["hold_s"] == 0
    assert (await replay(service, outdated=True))["replayed"] == held["matching"]
    await service.settled()
    assert (await service.call(ANSWERED))["hold_s"] == 20
    assert (await replay(service, outdated=True))["matching"] == 0


async def test_quarantined_deliveries_are_chosen_by_their_reason(service: Running) -> None:
    await service.connect()
    first = bodies("inbound_answered")[0]
    await service.deliver([changed(first, direction="sideways"), first])
    tried = await replay(service, reason="neither inbound", dry_run=True)
    assert (tried["matching"], tried["trial"]["understood"]) == (1, 0)
    assert list(tried["trial"]["reasons"]) == ["/data/direction is neither inbound nor outbound"]
    assert (await replay(service, reason="100% sure", dry_run=True))["matching"] == 0


async def test_a_field_with_a_new_name_costs_nothing_but_the_time_to_mend_the_adapter(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mended(request: HookRequest) -> list[Fact]:
        return AIRCALL.interpret(replace(request, body=request.body.replace(b'"call_way"', b'"direction"')))

    await service.connect()
    told = [body.replace(b'"direction"', b'"call_way"') for body in bodies("inbound_answered")]
    await service.deliver([*told[:9], *told])
    assert (await service.get("/v1/calls"))["items"] == []
    assert "/data/call_way" in {each["path"] for each in (await service.get("/v1/deliveries/drift"))["items"]}
    monkeypatch.setattr(normalise, "providers", lambda: {"aircall": replace(AIRCALL, interpret=mended, version="new")})
    tried = await replay(service, reason="/data/direction", state="quarantined", dry_run=True)
    assert tried["trial"]["understood"] == tried["matching"]
    for asked in ({"reason": "/data/direction"}, {"connection": service.connection}):
        await replay(service, **asked)
        await service.settled()
        call = await service.call(ANSWERED)
        assert {name: call[name] for name in EXPECTED["inbound_answered"]} == EXPECTED["inbound_answered"]
    assert len(await service.events("calls.call.ended.v1")) == 1
    assert (await service.get("/v1/deliveries", state="quarantined"))["items"] == []


async def test_to_replay_everything_one_must_say_so(service: Running) -> None:
    answer = await service.client.post("/v1/deliveries/replay", json={"dry_run": True})
    assert answer.status_code == 422


async def test_old_bodies_go_and_what_they_said_stays(clocked: Running) -> None:
    await clocked.set_clock(datetime.fromisoformat("2025-11-18T09:00:00Z"))
    await clocked.connect()
    await clocked.deliver(bodies("inbound_answered"))
    before = await clocked.call(ANSWERED)
    assert await expire_some(clocked.database, 90) == 0
    await clocked.set_clock(datetime.fromisoformat("2025-11-18T09:00:00Z") + timedelta(days=91))
    assert await expire_some(clocked.database, 90) == len(bodies("inbound_answered"))
    assert await expire_some(clocked.database, 90) == 0
    newest = (await clocked.get("/v1/deliveries"))["items"][0]
    whole = await clocked.get(f"/v1/deliveries/{newest['id']}")
    assert (whole["body"], whole["headers"], whole["state"]) == ("", {}, "normalised")
    again = await replay(clocked, connection=clocked.connection)
    assert (again["replayed"], again["expired"]) == (0, len(bodies("inbound_answered")))
    assert await clocked.call(ANSWERED) == before


async def replay(service: Running, **asked: object) -> dict[str, object]:
    answer = await service.client.post("/v1/deliveries/replay", json=asked)
    assert answer.is_success, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_connection_says_when_it_was_last_heard_of_and_what_is_wrong(clocked: Running) -> None:
    await clocked.set_clock(datetime.fromisoformat("2025-11-18T09:00:00Z"))
    hours = [{"days": [2], "start": "06:00", "end": "22:00"}]
    await clocked.connect(settings={"opening_hours": hours})
    await clocked.deliver([*bodies("inbound_answered"), changed(bodies("inbound_answered")[0], direction="sideways")])
    (well,) = (await clocked.get("/v1/connections"))["items"]
    assert (well["delivered_at"][:13], well["quarantined"], well["warning"]) == ("2025-11-18T09", 1, None)
    await clocked.set_clock(datetime.fromisoformat("2025-11-18T12:00:00Z"))
    (silent,) = (await clocked.get("/v1/connections"))["items"]
    assert silent["warning"].startswith("Nothing came since 2025-11-18 09:00")
