"""Each provider's call history, as its documents show it: asked for page by page, understood as its webhooks are."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from services.calls.tests.running import Running
from services.calls.tests.standins import FastClock
from services.calls.tests.stories import FIXTURES, NOW, expected_calls, fold_all, sent, understood

from calls.domain.call import Call
from calls.domain.connection import Connection
from calls.domain.delivery import Delivery, interpreted
from calls.domain.fact import Fact
from calls.domain.providers import providers
from calls.gateways.histories import Asked, histories
from calls.usecases.backfill import opened

DAY = (datetime(2025, 11, 18, tzinfo=UTC), datetime(2025, 11, 19, tzinfo=UTC))
SECRETS = {
    "justcall": {"api_key": "key", "api_secret": "secret"},
    "ringover": {"api_key": "key", "call_event_key": "k"},
    "twilio": {"account_sid": "AC1", "auth_token": "token"},
    "vonage": {"application_id": "app", "signature_secret": "s"},
    "ringcentral": {"client_id": "c", "client_secret": "s", "jwt": "j", "verification_token": "v"},
}
Answers = Callable[[httpx.Request], httpx.Response]


async def read_all(provider: str, answers: Answers, **secrets: str) -> list[dict[str, Any]]:
    told = histories()[provider]
    connection = Connection("c", provider, "Sales", "t", SECRETS.get(provider, {}) | secrets)
    calls: list[dict[str, Any]] = []
    async with httpx.AsyncClient(base_url=told.base or "", transport=httpx.MockTransport(answers)) as client:
        api, cursor = opened(client, connection, told, FastClock()), {}
        assert told.page
        while True:
            batch = await told.page(api, Asked(connection, *DAY), cursor)
            calls += [dict(each) for each in batch.calls]
            if batch.next is None:
                return calls
            cursor = json.loads(json.dumps(batch.next))


def said(provider: str, calls: list[dict[str, Any]]) -> list[Fact]:
    adapter = providers()[provider]
    facts: list[Fact] = []
    for number, call in enumerate(calls):
        delivery = Delivery(str(number), "c", "history", "", {}, json.dumps(call).encode(), f"history/{number}", NOW)
        reader = type(adapter)(**vars(adapter) | {"interpret": histories()[provider].interpret})
        says = interpreted(reader, delivery, {})
        assert says.reason is None, says.reason
        facts += says.facts
    return facts


def told_alone(provider: str, calls: list[dict[str, Any]]) -> dict[str, Call]:
    return fold_all(said(provider, calls), provider)


def told_twice(provider: str, scenario: str, calls: list[dict[str, Any]]) -> None:
    """What webhooks had told of the call stays as it was."""
    live = understood(provider, sent(provider, scenario))
    subject = expected_calls(provider)[scenario]["provider_call_id"]
    before, after = (fold_all(facts, provider)[subject] for facts in (live, live + said(provider, calls)))
    for name in ("direction", "outcome", "from_number", "to_number", "agent", "queue", "voicemail", "status"):
        assert getattr(after, name) == getattr(before, name), name
    for name in ("wait_s", "talk_s", "hold_s"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=1), name


async def test_justcall_writes_its_calls_as_in_webhooks() -> None:
    call = json.loads((FIXTURES / "justcall/inbound_answered.06.call.updated.json").read_text())["data"]
    missed = json.loads((FIXTURES / "justcall/inbound_missed_callback.01.call.missed.json").read_text())["data"]

    def answers(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "key:secret"
        assert request.url.params["from_datetime"] == "2025-11-18 00:00:00"
        second = request.url.params["page"] == "1"
        return httpx.Response(
            200, json={"data": [missed] if second else [call], "next_page_link": None if second else "…"}
        )

    calls = await read_all("justcall", answers)
    alone = told_alone("justcall", calls)
    assert [each.outcome for each in alone.values()] == ["answered", "missed"]
    first = next(iter(alone.values()))
    known = expected_calls("justcall")["inbound_answered"]
    for name in ("talk_s", "hold_s", "wrap_up_s", "disposition", "agent", "from_number"):
        assert getattr(first, name) == known[name]
    told_twice("justcall", "inbound_answered", calls[:1])


async def test_ringovers_last_state_is_the_outcome() -> None:
    hung_up = json.loads((FIXTURES / "ringover/inbound_answered.03.hangup.json").read_text())["data"]
    call = hung_up | {
        "direction": "in",
        "end_time": "2025-11-18T09:17:58.950Z",
        "last_state": "ANSWERED",
        "note": "Sure",
    }
    call |= {"start_time": "2025-11-18T09:14:05.120Z", "answered_time": "2025-11-18T09:14:34.480Z"}
    del call["hangup_time"]
    missed = call | {"call_id": 7, "answered_time": None, "last_state": "MISSED", "note": None}

    def answers(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "key"
        assert request.url.params["limit_offset"] == "0"
        return httpx.Response(200, json={"call_list": [call, missed, call | {"end_time": None}], "total_call_count": 3})

    calls = await read_all("ringover", answers)
    answered, nobody = told_alone("ringover", calls).values()
    assert (answered.outcome, answered.note, answered.recording) == ("answered", "Sure", True)
    assert (nobody.outcome, nobody.provider_call_id) == ("missed", "7")
    told_twice("ringover", "inbound_answered", [call | {"note": None}])


def leg(sid: str, **other: Any) -> dict[str, Any]:
    times = {"start_time": "Tue, 18 Nov 2025 10:02:10 +0000", "end_time": "Tue, 18 Nov 2025 10:07:31 +0000"}
    return {"sid": sid, "parent_call_sid": None, "status": "completed", "duration": "312"} | times | other


async def test_twilios_rows_are_legs_of_calls() -> None:
    agent = leg("CA1", direction="outbound-api", **{"from": "client:jonas", "to": "+12025550178", "duration": "321"})
    reached = leg(
        "CA2", parent_call_sid="CA1", direction="outbound-dial", **{"from": "+12025550101", "to": "+12025550178"}
    )
    others = [leg("CA3", status="in-progress"), leg("CA4", start_time="Mon, 17 Nov 2025 10:00:00 +0000")]

    def answers(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/2010-04-01/Accounts/AC1/Calls.json"
        if "Page" in request.url.params:
            return httpx.Response(200, json={"calls": [reached], "next_page_uri": None})
        assert request.url.params["StartTime>"] == "2025-11-18T00:00:00Z"
        return httpx.Response(200, json={"calls": [agent, *others], "next_page_uri": f"{request.url.path}?Page=1"})

    calls = await read_all("twilio", answers)
    assert [each["sid"] for each in calls] == ["CA1", "CA2"]
    inbound = leg("CA9", direction="inbound", **{"from": "+12025550147", "to": "+12025550101"})
    (call,) = told_alone("twilio", [inbound]).values()
    assert (call.direction, call.from_number, call.status) == ("inbound", "+12025550147", "ended")
    root = expected_calls("twilio")["inbound_answered"]["provider_call_id"]
    known = leg(root, direction="inbound", duration="233", **{"from": "+12025550147", "to": "+12025550101"})
    told_twice("twilio", "inbound_answered", [known | {"end_time": "Tue, 18 Nov 2025 09:17:58 +0000"}])


async def test_vonages_application_signs_its_token() -> None:
    key = rsa.generate_private_key(65_537, 2_048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    row = {
        "uuid": "u1",
        "conversation_uuid": "CON-1",
        "direction": "outbound",
        "status": "completed",
        "duration": "312",
    }
    row |= {"from": {"type": "phone", "number": "12025550101"}, "to": {"type": "phone", "number": "12025550178"}}
    row |= {"start_time": "2025-11-18T10:02:21.000Z", "end_time": "2025-11-18T10:07:33.000Z"}

    def answers(request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        assert jwt.decode(token, key.public_key(), algorithms=["RS256"])["application_id"] == "app"
        return httpx.Response(200, json={"count": 1, "_embedded": {"calls": [row, row | {"status": "ringing"}]}})

    calls = await read_all("vonage", answers, private_key=pem)
    (call,) = told_alone("vonage", calls).values()
    assert (call.direction, call.outcome, call.talk_s) == ("outbound", "answered", 312)
    assert call.to_number == "+12025550178"


async def test_ringcentrals_call_log_names_who_took_the_call() -> None:
    log = json.loads((FIXTURES / "ringcentral/history.call_log.json").read_text())

    def answers(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/restapi/oauth/token":
            return httpx.Response(200, json={"access_token": "granted"})
        assert request.headers["authorization"] == "Bearer granted"
        assert request.url.params["dateFrom"] == "2025-11-18T00:00:00.000Z"
        return httpx.Response(200, json=log)

    calls = await read_all("ringcentral", answers)
    (call,) = told_alone("ringcentral", calls).values()
    assert (call.outcome, call.agent, call.agent_name, call.recording) == ("answered", "62000001", "Mira Okafor", True)
    assert (call.from_number, call.to_number, call.direction) == ("+12025550147", "+12025550101", "inbound")
    told_twice("ringcentral", "inbound_answered", calls)


async def test_a_log_comes_in_as_a_file(service: Running) -> None:
    await service.connect_to("asterisk", {"forwarder_hmac_key": "key"})
    path = f"/v1/connections/{service.connection}/history"
    log = (FIXTURES / "asterisk/queue_log.txt").read_bytes()
    assert (await service.client.post(path, content=log)).json() == {"lines": 5, "new": 5}
    await service.settled()
    calls = (await service.get("/v1/calls"))["items"]
    assert {(each["provider_call_id"], each["outcome"]) for each in calls} == {
        ("1763457245.101", "answered"),
        ("1763458300.111", "abandoned"),
    }
    assert (await service.client.post(path, content=log)).json() == {"lines": 5, "new": 0}
    answer = await service.client.post(path, content=b"1763457251|x|sales|NONE|ENTERQUEUE\nnonsense")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/2")


def test_lines_of_the_other_histories_are_json_objects() -> None:
    for provider in ("threecx", "generic"):
        line = histories()[provider].line
        assert line
        assert line('{"a": 1}') == {"a": 1}
        with pytest.raises(ValueError, match=r"Expecting|no JSON object"):
            line("[1]")
