"""What is particular about Vonage."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from services.calls.tests.stories import fold_all, kept, live_secrets

from calls.domain.call import Call
from calls.domain.delivery import admitted, interpreted
from calls.domain.hook import HookRequest
from calls.domain.providers import providers

VONAGE = providers()["vonage"]
SECRETS = live_secrets("vonage")
NOW = datetime(2025, 11, 18, 9, 14, 30, tzinfo=UTC)
CALLER, OURS, DESK = "12025550147", "12025550101", "12025550131"


def request(body: bytes, key: str = SECRETS["signature_secret"][0], **claims: Any) -> HookRequest:
    own = {"iat": int(NOW.timestamp()), "jti": "1", "payload_hash": hashlib.sha256(body).hexdigest()}
    own |= {name: SECRETS[name][0] for name in ("api_key", "application_id")} | claims
    token = jwt.encode({name: value for name, value in own.items() if value is not None}, key, "HS256")
    return HookRequest(body, NOW, {"authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    "claims",
    [
        {"payload_hash": "0" * 64},
        {"payload_hash": None},
        {"iat": None},
        {"iat": int((NOW - timedelta(seconds=301)).timestamp())},
        {"iat": int((NOW + timedelta(seconds=301)).timestamp())},
        {"iat": "now"},
        {"application_id": "another"},
        {"api_key": "another"},
        {"key": "another-key"},
    ],
)
def test_a_token_that_is_not_of_this_body_time_and_account_is_refused(claims: dict[str, Any]) -> None:
    assert admitted(VONAGE, request(b"{}"), SECRETS)
    assert admitted(VONAGE, request(b"{}", **claims), SECRETS) is None


def test_no_token_an_unsigned_one_or_another_scheme_is_refused() -> None:
    unsigned = jwt.encode({"payload_hash": hashlib.sha256(b"{}").hexdigest()}, "", "none")
    good = request(b"{}").headers["authorization"]
    for headers in ({}, {"authorization": f"Bearer {unsigned}"}, {"authorization": good.replace("Bearer", "Basic")}):
        assert admitted(VONAGE, HookRequest(b"{}", NOW, headers), SECRETS) is None


def leg(uuid: str, status: str, second: int, **more: Any) -> dict[str, Any]:
    at = (NOW.replace(second=0) + timedelta(seconds=second)).isoformat()
    whole = {"uuid": uuid, "conversation_uuid": "CON-1", "status": status, "timestamp": at, "direction": "inbound"}
    return whole | {"from": CALLER, "to": OURS} | more


def call(*events: dict[str, Any], **settings: Any) -> Call:
    told = [HookRequest(json.dumps(each).encode(), NOW) for each in events]
    said = [interpreted(VONAGE, kept(each, number), settings) for number, each in enumerate(told)]
    assert [each.reason for each in said if each.reason] == []
    (one,) = fold_all([fact for each in said for fact in each.facts], "vonage").values()
    return one


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        ("unanswered", "missed"),
        ("busy", "missed"),
        ("rejected", "missed"),
        ("cancelled", "abandoned"),
        (None, "abandoned"),
    ],
)
def test_our_ncco_answering_is_no_answer(ending: str | None, outcome: str) -> None:
    out = {"direction": "outbound", "from": OURS, "to": DESK}
    agent = [leg("a", "ringing", 10, **out), leg("a", ending, 30, **out)] if ending else []
    one = call(leg("c", "answered", 1), *agent, leg("c", "completed", 40, duration="39"))
    assert (one.outcome, one.answered_at, one.talk_s) == (outcome, None, 0)


def test_click_to_call_knows_our_own_numbers() -> None:
    first = {"direction": "outbound", "from": OURS, "to": DESK}
    then = first | {"to": CALLER}
    one = call(
        leg("a", "answered", 3, **first),
        leg("b", "ringing", 5, **then),
        leg("b", "answered", 12, **then),
        leg("b", "completed", 52, **then, duration="40"),
        leg("a", "completed", 53, **first, duration="50"),
        own_numbers=[f"+{DESK}"],
    )
    assert (one.direction, one.agent, one.to_number, one.wait_s, one.talk_s) == (
        "outbound",
        f"+{DESK}",
        f"+{CALLER}",
        7,
        40,
    )


def test_a_conversation_that_goes_on_in_another_is_one_call() -> None:
    moved = {"conversation_uuid_from": "CON-1", "conversation_uuid_to": "CON-2", "timestamp": NOW.isoformat()}
    out = {"direction": "outbound", "from": OURS, "to": DESK, "conversation_uuid": "CON-2"}
    told = [leg("c", "answered", 1), moved, leg("a", "answered", 9, **out), leg("c", "completed", 50, duration="49")]
    facts = [fact for each in told for fact in VONAGE.interpret(HookRequest(json.dumps(each).encode(), NOW))]
    assert {alias for fact in facts for alias in fact.aliases} == {"CON-2"}


def test_business_communications_tell_of_whole_calls() -> None:
    event = {"id": 7, "userId": 12, "phoneNumber": CALLER, "direction": "INBOUND", "startTime": NOW.isoformat()}
    answered = call({"event": event | {"state": "RINGING"}}, {"event": event | {"state": "ANSWERED", "duration": 60}})
    assert (answered.outcome, answered.agent, answered.talk_s, answered.from_number) == (
        "answered",
        "12",
        60,
        f"+{CALLER}",
    )
    missed = call({"event": event | {"state": "MISSED"}})
    assert (missed.outcome, missed.agent, missed.talk_s) == ("missed", None, 0)
