"""From the webhook to the call, over HTTP, on the real engines."""

import json
import random
from collections import Counter
from typing import Any

import pytest
from services.calls.tests.running import Running, trace_of
from services.calls.tests.stories import EXPECTED, SCENARIOS, TOKEN, bodies, changed, expected_calls, manifest, sent
from sqlalchemy import select

from calls.storage.tables.calls import call
from calls.storage.tables.deliveries import delivery
from shared.contracts.calls import CallSnapshot

IDS = {scenario: EXPECTED[scenario]["provider_call_id"] for scenario in SCENARIOS}


async def calls_as_expected(service: Running) -> dict[str, Any]:
    """Every call by its scenario, each as it must be in the end."""
    found = {scenario: await service.call(IDS[scenario]) for scenario in SCENARIOS}
    for scenario, one in found.items():
        expected = EXPECTED[scenario]
        assert {key: one[key] for key in expected} == expected
    return found


def shuffled(told: list[bytes]) -> list[bytes]:
    return random.Random(4).sample(told, len(told))


async def test_every_story_becomes_the_expected_call(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies())
    await calls_as_expected(service)


async def test_each_new_fact_is_told_with_the_whole_call_and_the_end_once(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies())
    for scenario in SCENARIOS:
        one = await service.call(IDS[scenario])
        told = [
            CallSnapshot.model_validate(each["data"]["call"]) for each in await service.events("calls.call.updated.v1")
        ]
        versions = [each.version for each in told if each.id == one["id"]]
        assert versions == list(range(1, one["version"] + 1))
    ended = [each["subject"] for each in await service.events("calls.call.ended.v1")]
    assert Counter(ended) == {(await service.call(each))["id"]: 1 for each in IDS.values()}


async def test_the_events_of_a_delivery_belong_to_its_trace(service: Running) -> None:
    await service.connect()
    told = bodies("transfer")
    await service.deliver(told)
    traces = [each["traceparent"].split("-")[1] for each in await service.events("calls.call.updated.v1")]
    assert traces == [trace_of(body).split("-")[1] for body in told]


@pytest.mark.parametrize("disorder", ["reversed", "shuffled"])
async def test_disorder_gives_the_same_calls(service: Running, disorder: str) -> None:
    await service.connect()
    orders = {"reversed": bodies()[::-1], "shuffled": shuffled(bodies())}
    await service.deliver(orders[disorder])
    await calls_as_expected(service)
    assert len(await service.events("calls.call.ended.v1")) == len(SCENARIOS)


async def test_repeats_and_disorder_change_and_tell_nothing(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies())
    before, events = await calls_as_expected(service), await service.events()
    await service.deliver(bodies()[::-1])
    await service.deliver([body for body in bodies() for _ in range(2)])
    assert await calls_as_expected(service) == before
    assert await service.events() == events
    states = Counter(each["state"] for each in (await service.get("/v1/deliveries", limit=500))["items"])
    assert states == {"normalised": len(bodies()), "duplicate": 3 * len(bodies())}


async def test_reading_deliveries_again_changes_nothing_when_nothing_changed(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies())
    before, events = await calls_as_expected(service), await service.events()
    answer = await service.client.post("/v1/deliveries/replay", json={"connection": service.connection})
    assert answer.json()["replayed"] == len(bodies())
    await service.settled()
    assert await calls_as_expected(service) == before
    assert await service.events() == events


async def test_wrap_up_finds_its_call_whichever_comes_first(service: Running) -> None:
    await service.connect()
    told = bodies("inbound_answered")
    marks = [body for body in told if b"wut_" in body]
    await service.deliver(marks)
    assert (await service.get("/v1/calls"))["items"] == []
    await service.deliver([body for body in told if body not in marks])
    assert (await service.call(IDS["inbound_answered"]))["wrap_up_s"] == 30


async def test_wrap_up_moves_on_when_a_later_call_becomes_known(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies("inbound_answered"))
    first = await service.call(IDS["inbound_answered"])
    assert first["wrap_up_s"] == 30
    ended = first["ended_at"]
    later = changed(
        bodies("inbound_answered")[11], id=77, started_at=1763457475, answered_at=1763457476, ended_at=1763457479
    )
    await service.deliver([later])
    assert (await service.call("77"))["wrap_up_s"] == 30
    moved = await service.call(IDS["inbound_answered"])
    assert (moved["wrap_up_s"], moved["ended_at"], moved["version"]) == (None, ended, first["version"] + 1)


async def test_a_wrong_token_is_turned_away_and_nothing_kept(service: Running) -> None:
    await service.connect(token="another-token")
    for body in (bodies()[0], b"", b"{}", b"[]", b'"token"', b'{"token": 7}', b"\xff\xfe\x00", b"[" * 100_000):
        assert (await service.post(body)).status_code == 401
    assert (await service.get("/v1/deliveries"))["items"] == []


async def test_unknown_hooks_are_not_found(service: Running) -> None:
    await service.connect()
    token = service.hook.rsplit("/", 1)[1]
    for path in ("/hooks/aircall/nothing", f"/hooks/twilio/{token}", f"/hooks/aircall/{token}x", "/hooks/aircall/%00"):
        assert (await service.post(bodies()[0], path)).status_code == 404


async def test_a_body_over_a_mebibyte_is_refused(service: Running) -> None:
    await service.connect()
    assert (await service.post(b"x" * (2 << 20))).status_code == 413

    async def stream() -> Any:
        for _ in range(32):
            yield b"x" * 65_536

    assert (await service.client.post(service.hook, content=stream())).status_code == 413


async def test_a_rotated_secret_works_beside_the_old_one(service: Running) -> None:
    await service.connect(token="the-old-token")
    assert (await service.post(bodies("inbound_missed")[0])).status_code == 401
    change = {"secrets": {"token": ["the-old-token", TOKEN]}}
    assert (await service.client.patch(f"/v1/connections/{service.connection}", json=change)).status_code == 200
    await service.deliver(bodies("inbound_missed"))
    assert (await service.call(IDS["inbound_missed"]))["outcome"] == "abandoned"


async def test_the_token_is_never_stored(service: Running) -> None:
    await service.connect()
    hidden = json.dumps(json.loads(bodies()[0])).replace('"token"', '"\\u0074oken"').encode()
    await service.deliver([bodies()[0], hidden])
    secret = {"authorization": f"Bearer {TOKEN}", "cookie": TOKEN}
    assert (await service.post(bodies()[1], **secret)).status_code == 200
    async with service.database.transaction() as transaction:
        rows = (await transaction.execute(select(delivery))).all()
    assert len(rows) == 3
    assert not [row for row in rows if TOKEN in str(row) or TOKEN.encode() in row.body]
    listed = (await service.get("/v1/deliveries"))["items"]
    whole = [await service.get(f"/v1/deliveries/{each['id']}") for each in listed]
    assert TOKEN not in json.dumps(whole)
    assert bodies()[0].decode().replace(TOKEN, "[redacted]") in [each["body"] for each in whole]


def nonsense() -> dict[str, bytes]:
    """Bodies that are authentic, and cannot be understood, with why."""
    good = json.loads(bodies("transfer")[0])
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    told = {
        "/event is missing": good | {"event": None},
        "/event is not a text": good | {"event": 7},
        "/event is 'call.dreamt', which we do not know": good | {"event": "call.dreamt"},
        "/timestamp is not a time": good | {"timestamp": 10**30},
        "/timestamp is missing": {k: v for k, v in good.items() if k != "timestamp"},
        "/data is not an object": good | {"data": deep},
        "/data/id is missing": good | {"data": good["data"] | {"id": None}},
        "/data/id is not a text": good | {"data": good["data"] | {"id": 10**40}},
        "/data/direction is neither inbound nor outbound": good | {"data": good["data"] | {"direction": "sideways"}},
        "/data/started_at is not a time": good | {"data": good["data"] | {"started_at": float("nan")}},
        "/data/tags is not a list of objects": good | {"event": "call.tagged", "data": good["data"] | {"tags": ["x"]}},
    }
    return {reason: json.dumps(body).encode() for reason, body in told.items()}


async def test_what_cannot_be_understood_is_kept_with_its_reason(service: Running) -> None:
    await service.connect()
    told = nonsense()
    await service.deliver([*told.values(), *bodies("transfer")])
    page = await service.get("/v1/deliveries", state="quarantined")
    assert Counter(each["reason"] for each in page["items"]) == Counter(told.keys())
    assert (await service.call(IDS["transfer"]))["outcome"] == "answered"


async def test_texts_postgresql_cannot_hold_do_no_harm(service: Running) -> None:
    await service.connect()
    event = json.loads(bodies("transfer")[0])
    event["data"]["number"]["name"] = "nul \x00 and half a \ud83d pair"
    body = json.dumps(event).encode()
    answer = await service.post(body, service.hook + "/a%00b?c=%00", **{"content-type": "text/x-no\tsense"})
    assert answer.status_code == 200
    await service.settled()
    assert (await service.call(IDS["transfer"]))["source"] == "nul \ufffd and half a \ufffd pair"


async def test_other_resources_are_understood_and_say_nothing(service: Running) -> None:
    await service.connect()
    event = {"resource": "contact", "event": "contact.updated", "timestamp": 1763457245, "token": TOKEN, "data": {}}
    await service.deliver([json.dumps(event).encode()])
    (one,) = (await service.get("/v1/deliveries"))["items"]
    assert one["state"] == "normalised"
    assert await service.one(select(call.c.id).limit(1).exists().select()) is False


async def test_agents_are_known_as_they_were_last_named(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies())
    named = {each["provider_agent"]: each["name"] for each in (await service.get("/v1/agents"))["items"]}
    assert named == {"530001": "Mira Okafor", "530002": "Jonas Weidema"}
    assert len(await service.events("calls.agent.changed.v1")) == 2


async def test_a_provider_that_awaits_a_document_gets_it(service: Running) -> None:
    await service.connect(settings={"response": {"body": "<Response/>", "content_type": "text/xml", "status": 201}})
    answer = await service.post(bodies()[0], service.hook + "/voice/incoming?leg=1")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (201, "<Response/>", "text/xml")
    (one,) = (await service.get("/v1/deliveries"))["items"]
    whole = await service.get(f"/v1/deliveries/{one['id']}")
    assert (whole["path"], whole["query"]) == ("voice/incoming", "leg=1")


@pytest.mark.parametrize("first", ["the call", "the appointment"])
async def test_an_appointment_is_of_the_call_in_which_it_was_made(clocked: Running, first: str) -> None:
    about, expected = manifest("justcall"), expected_calls("justcall")
    await clocked.connect_to("justcall", about["secrets"], public_url=about["public_url"])
    told = sent("justcall", "outbound_answered")
    appointments = [each for each in told if b"appointment.scheduled" in each.body]
    others = [each for each in told if each not in appointments] + sent("justcall", "inbound_answered")
    for request in appointments + others if first == "the appointment" else others + appointments:
        assert (await clocked.send(request)).is_success
        await clocked.settled()
    call = await clocked.call(expected["outbound_answered"]["provider_call_id"])
    assert (call["appointment"], call["disposition"]) == (True, "Appointment booked")
    assert (await clocked.call(expected["inbound_answered"]["provider_call_id"]))["appointment"] is None
