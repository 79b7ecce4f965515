"""What is particular about RingCentral."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services.calls.tests.stories import FIXTURES, fold_all, kept, live_secrets, sent, understood

from calls.domain.call import Call
from calls.domain.delivery import admitted, interpreted, repeat_key
from calls.domain.hook import HookRequest
from calls.domain.providers import providers

RINGCENTRAL = providers()["ringcentral"]
SECRETS = live_secrets("ringcentral")
AGAIN = FIXTURES / "ringcentral" / "inbound_answered.15.disconnected_caller_duplicate.json"
ONCE = "one-time"
NOW = datetime(2025, 11, 18, 9, tzinfo=UTC)
CALLER, OURS = {"phoneNumber": "+12025550147"}, {"phoneNumber": "+12025550101"}


def greeting(body: bytes = b"", token: str = ONCE, at: datetime = NOW, **settings: Any) -> HookRequest:
    return HookRequest(body, at, {"validation-token": token}, settings=settings)


def test_the_handshake_is_answered_only_while_we_make_a_subscription() -> None:
    window = {"handshake_until": (NOW + timedelta(minutes=10)).isoformat()}
    answer = RINGCENTRAL.handshake(greeting(**window))
    assert answer
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers == {"validation-token": "one-time", "content-type": "application/json"}
    assert RINGCENTRAL.handshake(greeting(b"{}", **window))
    event = sent("ringcentral", "inbound_missed")[0]
    for refused in (
        greeting(),
        greeting(at=NOW + timedelta(minutes=11), **window),
        greeting(token="x" * 1000, **window),
        greeting(event.body, **window),
        greeting(b"nonsense", **window),
        replace(greeting(**window), headers={}),
    ):
        assert RINGCENTRAL.handshake(refused) is None


@pytest.mark.parametrize("header", ["verification-token", "validation-token"])
def test_the_token_comes_by_either_name_and_is_not_kept(header: str) -> None:
    request = HookRequest(sent("ringcentral")[0].body, NOW, {header: SECRETS["verification_token"][0]})
    stored = admitted(RINGCENTRAL, request, SECRETS)
    assert stored
    assert stored.headers == {header: "[redacted]"}
    assert admitted(RINGCENTRAL, replace(request, headers={header: "another"}), SECRETS) is None
    assert admitted(RINGCENTRAL, replace(request, headers={}), SECRETS) is None


def test_a_second_delivery_under_another_uuid_is_a_repeat() -> None:
    first = sent("ringcentral", "inbound_answered")[-1]
    again = replace(first, body=AGAIN.read_bytes())
    assert first.body != again.body
    assert repeat_key(RINGCENTRAL, first) == repeat_key(RINGCENTRAL, again)


def test_a_message_finds_its_call_by_number_and_minute() -> None:
    told = sent("ringcentral", "voicemail")
    names = {alias for fact in understood("ringcentral", told[:-1]) for alias in fact.aliases}
    (message,) = understood("ringcentral", told[-1:])
    assert message.scope == "alias"
    assert message.subject in names


def party(number: int, code: str, second: float, extension: str | None = None, **more: Any) -> dict[str, Any]:
    """A notification of one party's state."""
    status = {"code": code} | ({"reason": more.pop("reason")} if "reason" in more else {})
    one = {"id": f"p-{number}", "direction": "Inbound" if extension else "Outbound", "from": CALLER, "to": OURS}
    one |= {"status": status, **({"extensionId": extension} if extension else {})} | more
    at = (NOW + timedelta(seconds=second)).isoformat()
    body = {"sequence": int(second * 10), "telephonySessionId": "s-1", "eventTime": at, "parties": [one]}
    return {"event": "/restapi/v1.0/account/1/telephony/sessions", "body": body}


def call(*events: dict[str, Any]) -> Call:
    told = [HookRequest(json.dumps(each).encode(), NOW) for each in events]
    said = [interpreted(RINGCENTRAL, kept(each, number), {}) for number, each in enumerate(told)]
    assert [each.reason for each in said if each.reason] == []
    (one,) = fold_all([fact for each in said for fact in each.facts], "ringcentral").values()
    return one


def test_a_transfer_is_two_agents_of_one_call_each_with_their_own_holds() -> None:
    one = call(
        party(1, "Setup", 0),
        party(2, "Setup", 0.1, "101"),
        party(2, "Proceeding", 1, "101"),
        party(2, "Answered", 10, "101"),
        party(1, "Answered", 10.1, to=OURS | {"extensionId": "101"}),
        party(2, "Hold", 40, "101"),
        party(2, "Disconnected", 60, "101", reason="BlindTransfer"),
        party(3, "Setup", 60.1, "102"),
        party(3, "Proceeding", 61, "102"),
        party(3, "Answered", 70, "102"),
        party(3, "Hold", 80, "102"),
        party(3, "Answered", 85, "102"),
        party(1, "Disconnected", 100),
        party(3, "Disconnected", 100.1, "102"),
    )
    assert (one.outcome, one.agent, one.transferred_to) == ("answered", "102", "102")
    assert (one.wait_s, one.hold_s, one.talk_s) == (10, 25, 55)
    assert [(each.agent, each.queue) for each in one.segments] == [(None, None), ("101", None), ("102", None)]


def test_a_menu_that_answers_for_itself_is_no_answer() -> None:
    menu = OURS | {"extensionId": "50", "name": "Main menu"}
    one = call(
        party(1, "Setup", 0),
        party(2, "Setup", 0.1, "50", to=menu),
        party(2, "Answered", 0.3, "50", to=menu),
        party(1, "Answered", 0.4, to=menu),
        party(1, "Disconnected", 9),
        party(2, "Disconnected", 9.1, "50", to=menu),
    )
    assert (one.outcome, one.answered_at, one.ivr_s, one.wait_s, one.agent) == ("abandoned", None, 9, None, None)


def test_an_agent_who_does_not_answer_misses_the_call_and_a_caller_who_leaves_abandons_it() -> None:
    ringing = [party(1, "Setup", 0), party(2, "Setup", 0.1, "101"), party(2, "Proceeding", 1, "101")]
    missed = call(*ringing, party(2, "Disconnected", 30, "101", reason="NoAnswer"), party(1, "Disconnected", 30.1))
    left = call(*ringing, party(1, "Disconnected", 12), party(2, "Disconnected", 12.1, "101", reason="Cancelled"))
    assert (missed.outcome, left.outcome, left.wait_s) == ("missed", "abandoned", 12)


def test_a_call_within_the_company_is_neither_inbound_nor_outbound() -> None:
    ends = {"from": {"extensionId": "101"}, "to": {"extensionId": "102"}}
    one = call(party(1, "Setup", 0, "101", **ends), party(2, "Setup", 0.1, "102", **ends))
    assert (one.direction, one.from_number, one.to_number) == (None, "101", "102")


def test_what_is_not_of_a_call_says_nothing() -> None:
    reminder = {"event": "/restapi/v1.0/subscription/~?threshold=60&interval=15", "body": {"id": "1"}}
    for told in (reminder, {"pn_apns": {}}):
        assert RINGCENTRAL.interpret(HookRequest(json.dumps(told).encode(), NOW)) == []
