"""Providers say whether agents can take calls: each in its own words, told on the bus, kept as a history."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import TOKEN

from calls.domain.availability import LONGEST_STAY, State, availability, stay, stays
from calls.domain.delivery import repeat_key
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.reading import Unintelligible

NOON = datetime(2025, 11, 18, 12, tzinfo=UTC)
UNIX = int(NOON.timestamp())
MIRA = {"id": 530001, "name": "Mira Okafor", "email": "mira.okafor@example.com"}
MEMBER = {"Queue": "sales", "MemberName": "Mira", "Interface": "PJSIP/101"}
JSON = {"content-type": "application/json"}


def understood(provider: str, body: bytes, **headers: str) -> list[Fact]:
    request = HookRequest(body=body, received_at=NOON, headers=headers, url="", path="", query="", settings={})
    return providers()[provider].interpret(request)


def told(provider: str, body: Mapping[str, Any]) -> tuple[str, str, str | None, str | None]:
    """Agent, state, queue and reason of the one thing that a body says."""
    raw = urlencode(body).encode() if provider == "twilio" else json.dumps(body).encode()
    (fact,) = understood(provider, raw)
    assert (fact.scope, fact.at) == ("agent", NOON)
    begun = stay(fact)
    return fact.subject, begun.state, begun.queue, begun.reason


def aircall(event: str, **user: Any) -> dict[str, Any]:
    return {"resource": "user", "event": event, "timestamp": UNIX, "token": "t", "data": MIRA | user}


def ami(**event: str) -> dict[str, Any]:
    return {"received_at": UNIX, "ami": event}


def worker(activity: str) -> dict[str, Any]:
    who = {"WorkerSid": "WK1", "WorkerName": "mira", "WorkerAttributes": '{"email": "mira.okafor@example.com"}'}
    return {"EventType": "worker.activity.update", "Timestamp": str(UNIX), "WorkerActivityName": activity} | who


def presence(**body: str) -> dict[str, Any]:
    event = "/restapi/v1.0/account/1/extension/2/presence?detailedTelephonyState=true"
    return {"uuid": "u", "event": event, "timestamp": "2025-11-18T12:00:00Z", "body": {"extensionId": "2"} | body}


def generic(**data: Any) -> dict[str, Any]:
    data = {"agent": {"id": "7", "name": "Mira"}} | data
    return {"type": "agent.availability", "timestamp": "2025-11-18T12:00:00Z", "data": data}


WORDS = [
    ("aircall", aircall("user.connected"), ("530001", "available", None, None)),
    (
        "aircall",
        aircall("user.connected", availability_status="unavailable", substatus="on_a_break"),
        ("530001", "away", None, "on_a_break"),
    ),
    ("aircall", aircall("user.closed"), ("530001", "away", None, None)),
    ("aircall", aircall("user.disconnected"), ("530001", "offline", None, None)),
    ("aircall", aircall("user.wut_start.v2"), ("530001", "wrap_up", None, None)),
    ("aircall", aircall("user.wut_end.v2"), ("530001", "available", None, None)),
    (
        "asterisk",
        ami(Event="QueueMemberAdded", Paused="0", Status="1", **MEMBER),
        ("PJSIP/101", "available", "sales", None),
    ),
    (
        "asterisk",
        ami(Event="QueueMemberPause", Paused="1", Status="1", PausedReason="lunch", **MEMBER),
        ("PJSIP/101", "away", "sales", "lunch"),
    ),
    (
        "asterisk",
        ami(Event="QueueMemberStatus", Paused="0", Status="2", **MEMBER),
        ("PJSIP/101", "busy", "sales", None),
    ),
    (
        "asterisk",
        ami(Event="QueueMemberStatus", Paused="0", Status="5", **MEMBER),
        ("PJSIP/101", "offline", "sales", None),
    ),
    (
        "asterisk",
        ami(Event="QueueMemberRemoved", Paused="0", Status="1", **MEMBER),
        ("PJSIP/101", "offline", "sales", None),
    ),
    ("asterisk", ami(Event="AgentLogin", Agent="1001", Channel="PJSIP/101-1"), ("Agent/1001", "available", None, None)),
    ("asterisk", ami(Event="AgentLogoff", Agent="1001", Logintime="60"), ("Agent/1001", "offline", None, None)),
    ("asterisk", {"queue_log": f"{UNIX}|NONE|sales|Mira|PAUSE|lunch"}, ("Mira", "away", "sales", "lunch")),
    ("asterisk", {"queue_log": f"{UNIX}|NONE|NONE|Mira|UNPAUSEALL|"}, ("Mira", "available", None, None)),
    ("twilio", worker("Available"), ("WK1", "available", None, None)),
    ("twilio", worker("Offline"), ("WK1", "offline", None, None)),
    ("twilio", worker("Team meeting"), ("WK1", "away", None, "Team meeting")),
    ("ringcentral", presence(presenceStatus="Available", telephonyStatus="NoCall"), ("2", "available", None, None)),
    ("ringcentral", presence(presenceStatus="Busy", telephonyStatus="CallConnected"), ("2", "busy", None, None)),
    (
        "ringcentral",
        presence(presenceStatus="Available", telephonyStatus="NoCall", dndStatus="DoNotAcceptAnyCalls"),
        ("2", "away", None, "DoNotAcceptAnyCalls"),
    ),
    ("ringcentral", presence(presenceStatus="Offline", telephonyStatus="NoCall"), ("2", "offline", None, None)),
    ("cloudtalk", {"event": "user_status_changed", "agent_id": 7, "status": "online"}, ("7", "available", None, None)),
    ("cloudtalk", {"event": "user_status_changed", "agent_id": 7, "status": "Lunch"}, ("7", "away", None, "lunch")),
    ("generic", generic(state="away", reason="lunch", queue="Sales"), ("7", "away", "Sales", "lunch")),
]


@pytest.mark.parametrize(("provider", "body", "expected"), WORDS)
def test_an_agents_state_is_understood_in_each_providers_words(
    provider: str, body: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert told(provider, body) == expected


def test_what_is_told_in_the_same_words_each_day_is_told_each_day() -> None:
    body = json.dumps({"event": "user_status_changed", "agent_id": 7, "status": "online"}).encode()
    keys = [
        repeat_key(providers()["cloudtalk"], HookRequest(body, NOON + timedelta(seconds=after)))
        for after in (1, 2, 30, 86_400)
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_a_state_that_is_none_is_refused_with_its_place() -> None:
    with pytest.raises(Unintelligible, match="/data/state is none of available"):
        told("generic", generic(state="asleep"))
    with pytest.raises(Unintelligible, match="/body/extensionId is missing"):
        told("ringcentral", presence() | {"body": {"presenceStatus": "Busy"}})


def words(*said: tuple[float, State, str | None]) -> list[Fact]:
    """(minutes after noon, state, queue)."""
    return [availability("7", NOON + timedelta(minutes=at), state, None, queue=queue) for at, state, queue in said]


def minutes(found: list[Any]) -> list[tuple[str, str | None, float, float | None]]:
    def after(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - NOON).total_seconds() / 60

    return [(each.state, each.queue, after(each.since) or 0.0, after(each.until)) for each in found]


def test_a_stay_lasts_until_the_next_word_about_its_queue_or_about_all() -> None:
    said = words((0, "available", "sales"), (5, "available", "support"), (10, "away", "sales"), (20, "offline", None))
    expected = [
        ("available", "sales", 0, 10),
        ("available", "support", 5, 20),
        ("away", "sales", 10, 20),
        ("offline", None, 20, None),
    ]
    for order in permutations(said):
        assert minutes(stays(order, NOON, NOON + timedelta(hours=1))) == expected
    assert minutes(stays(said, NOON + timedelta(minutes=21), NOON + timedelta(hours=1))) == expected[3:]


def test_a_word_is_not_believed_for_ever() -> None:
    longest = LONGEST_STAY.total_seconds() / 60
    (first, _) = stays(words((0, "available", None), (longest + 60, "offline", None)), NOON, NOON + timedelta(days=2))
    assert first.until == NOON + LONGEST_STAY


async def test_states_are_told_once_and_make_an_agents_history(service: Running) -> None:
    await service.connect()
    day = [("user.connected", 0), ("user.wut_start.v2", 60), ("user.wut_end.v2", 90), ("user.disconnected", 120)]
    bodies = [json.dumps(aircall(event) | {"timestamp": UNIX + after, "token": TOKEN}).encode() for event, after in day]
    await service.deliver([bodies[2], bodies[0], bodies[3], bodies[1], bodies[0]])
    await service.client.post("/v1/deliveries/replay", json={"connection": service.connection})
    await service.settled()
    changed = [each["data"] for each in await service.events("calls.availability.changed.v1")]
    assert {each["agent"] for each in changed} == {MIRA["email"]}
    assert {(each["state"], each["since"]) for each in changed} == {
        ("available", "2025-11-18T12:00:00Z"),
        ("wrap_up", "2025-11-18T12:01:00Z"),
        ("available", "2025-11-18T12:01:30Z"),
        ("offline", "2025-11-18T12:02:00Z"),
    }
    (agent,) = (await service.get("/v1/agents"))["items"]
    period = {"from": "2025-11-18T12:00:30Z", "to": "2025-11-18T18:00:00Z"}
    found = (await service.get(f"/v1/agents/{agent['id']}/availability", **period))["items"]
    assert [(each["state"], each["since"][14:19], (each["until"] or "")[14:19]) for each in found] == [
        ("available", "00:00", "01:00"),
        ("wrap_up", "01:00", "01:30"),
        ("available", "01:30", "02:00"),
        ("offline", "02:00", ""),
    ]
    too_long = {"from": "2025-01-01T00:00:00Z", "to": "2025-03-01T00:00:00Z"}
    answer = await service.client.get(f"/v1/agents/{agent['id']}/availability", params=too_long)
    assert answer.status_code == 422
