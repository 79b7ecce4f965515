"""What is particular about Twilio."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import fold_all, kept, live_secrets, sent, understood

from calls.domain.call import Call
from calls.domain.delivery import admitted, interpreted, repeat_key
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import providers

TWILIO = providers()["twilio"]
SECRETS = live_secrets("twilio")
TOKEN = SECRETS["auth_token"][0]
ADDRESS = "https://hooks.example.com/calls/v1/twilio/acct_demo/status"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
CALLER, OURS, MOBILE = "+12025550147", "+12025550101", "+12025550131"


def signature(url: str, pairs: list[tuple[str, str]], token: str = TOKEN) -> str:
    told = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.digest(token.encode(), told.encode(), hashlib.sha1)).decode()


def form(pairs: list[tuple[str, str]], *, url: str = ADDRESS, signed_as: str | None = None) -> HookRequest:
    headers = {"content-type": FORM, "x-twilio-signature": signature(signed_as or url, pairs)}
    return HookRequest(urlencode(pairs).encode(), datetime.now(UTC), headers, url, query=urlsplit(url).query)


def leg(sid: str, status: str, second: int, **more: str) -> HookRequest:
    """A progress callback on an inbound call's leg, or of its root."""
    said = {"CallSid": sid, "CallStatus": status, "Direction": "inbound", "From": CALLER, "To": OURS} | more
    stamp = f"Tue, 18 Nov 2025 09:{second // 60:02}:{second % 60:02} +0000"
    return form([*said.items(), ("Timestamp", stamp), ("SequenceNumber", str(second))])


def facts(*requests: HookRequest, **settings: Any) -> list[Fact]:
    said = [interpreted(TWILIO, kept(each, number), settings) for number, each in enumerate(requests)]
    assert [each.reason for each in said if each.reason] == []
    return [fact for each in said for fact in each.facts]


def call(*requests: HookRequest, **settings: Any) -> Call:
    (one,) = fold_all(facts(*requests, **settings), "twilio").values()
    return one


@pytest.mark.parametrize("signed", [ADDRESS, ADDRESS.replace(".com/", ".com:443/")])
@pytest.mark.parametrize("known", [ADDRESS, ADDRESS.replace(".com/", ".com:443/")])
def test_the_address_is_signed_with_its_port_or_without(signed: str, known: str) -> None:
    assert admitted(TWILIO, form([("CallSid", "CA1")], url=known, signed_as=signed), SECRETS)


def test_another_address_port_or_query_is_not_what_was_signed() -> None:
    for other in (f"{ADDRESS}?a=1", f"{ADDRESS}/", ADDRESS.replace(".com/", ".com:8443/"), ADDRESS.replace("s:", ":")):
        assert admitted(TWILIO, form([("CallSid", "CA1")], url=other, signed_as=ADDRESS), SECRETS) is None


def test_repeated_padded_empty_and_unknown_parameters_are_all_signed() -> None:
    pairs = [("b", " padded "), ("a", "2"), ("a", "1"), ("a", "1"), ("Later", "ünïcode +&="), ("Empty", "")]
    request = form(pairs)
    assert admitted(TWILIO, request, SECRETS)
    for body in (b"b=padded", request.body.replace(b"a=2", b"a=3"), request.body + b"&x=1", b"", b"\xff\xfe"):
        assert admitted(TWILIO, replace(request, body=body), SECRETS) is None


def test_a_json_body_is_proven_by_its_hash_in_the_address() -> None:
    body = b'{"CallSid": "CA1", "CallStatus": "ringing"}'
    url = f"{ADDRESS}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"content-type": "application/json", "x-twilio-signature": signature(url, [])}
    request = HookRequest(body, datetime.now(UTC), headers, url, query=urlsplit(url).query)
    assert admitted(TWILIO, request, SECRETS)
    assert admitted(TWILIO, replace(request, body=body + b" "), SECRETS) is None
    bare = {"content-type": "application/json", "x-twilio-signature": signature(ADDRESS, [])}
    assert admitted(TWILIO, replace(request, url=ADDRESS, query="", headers=bare), SECRETS) is None


def test_both_tokens_are_good_while_one_is_rotated() -> None:
    request = form([("CallSid", "CA1")])
    assert admitted(TWILIO, request, {"auth_token": ["new", TOKEN]})
    assert admitted(TWILIO, request, {"auth_token": ["new"]}) is None


def test_a_repeat_is_told_by_its_sequence_or_its_body_and_not_by_a_token_that_nobody_signed() -> None:
    ringing, answered = leg("CA1", "ringing", 1), leg("CA1", "in-progress", 2)
    asked = form([("CallSid", "CA1"), ("CallStatus", "ringing")])
    for each in (ringing, asked):
        again = replace(each, headers=each.headers | {"i-twilio-idempotency-token": "another"})
        assert repeat_key(TWILIO, each) == repeat_key(TWILIO, again)
    assert len({repeat_key(TWILIO, each) for each in (ringing, answered, asked)}) == 3
    keys = {repeat_key(TWILIO, each) for each in sent("twilio")}
    assert len(keys) == len(sent("twilio"))


def test_without_any_of_our_clocks_the_calls_are_the_same() -> None:
    """Times of receipt only stand in for what Twilio does not tell."""
    late = [replace(each, received_at=datetime(2026, 1, 1, tzinfo=UTC)) for each in sent("twilio", "inbound_answered")]
    (one,) = fold_all(understood("twilio", late), "twilio").values()
    assert (one.started_at, one.wait_s, one.talk_s, one.ivr_s) == (
        datetime(2025, 11, 18, 9, 14, 5, tzinfo=UTC),
        23,
        204,
        6,
    )


def test_taskrouter_awaits_an_empty_answer() -> None:
    answers = [TWILIO.answer(each) for each in sent("twilio", "taskrouter")]
    assert {each.status for each in answers if each} == {204}
    assert TWILIO.answer(sent("twilio", "inbound_missed")[0]) is None


def test_a_dialled_agent_who_answers_is_the_answer_and_an_earlier_refusal_is_not() -> None:
    first = {"ParentCallSid": "CA1", "Direction": "outbound-dial", "From": CALLER, "To": "client:jonas"}
    second = first | {"To": MOBILE}
    one = call(
        leg("CA1", "ringing", 0),
        leg("CA2", "ringing", 5, **first),
        leg("CA2", "no-answer", 20, **first),
        leg("CA3", "ringing", 21, **second),
        leg("CA3", "in-progress", 30, **second),
        leg("CA3", "completed", 90, **second, CallDuration="60"),
        leg("CA1", "completed", 91, CallDuration="91"),
    )
    assert (one.direction, one.outcome, one.agent, one.wait_s, one.ring_s, one.talk_s) == (
        "inbound",
        "answered",
        MOBILE,
        30,
        9,
        60,
    )
    assert [(each.agent, each.answered_at is not None) for each in one.segments] == [
        (None, True),
        ("client:jonas", False),
        (MOBILE, True),
    ]


@pytest.mark.parametrize(
    ("status", "outcome"), [("no-answer", "missed"), ("busy", "missed"), ("canceled", "abandoned")]
)
def test_a_dial_nobody_answers_says_why(status: str, outcome: str) -> None:
    ended = form(
        [
            ("CallSid", "CA1"),
            ("CallStatus", "in-progress"),
            ("Direction", "inbound"),
            ("From", CALLER),
            ("To", OURS),
            ("DialCallSid", "CA2"),
            ("DialCallStatus", status),
        ]
    )
    one = call(leg("CA1", "ringing", 0), ended, leg("CA1", "completed", 40, CallDuration="40"))
    assert (one.outcome, one.talk_s) == (outcome, 0)


def test_click_to_call_rings_our_own_agent_first() -> None:
    agent = {"Direction": "outbound-api", "From": OURS, "To": "client:mira"}
    other = {"ParentCallSid": "CA1", "Direction": "outbound-dial", "From": OURS, "To": CALLER}
    one = call(
        leg("CA1", "ringing", 0, **agent),
        leg("CA1", "in-progress", 3, **agent),
        leg("CA2", "ringing", 5, **other),
        leg("CA2", "in-progress", 15, **other),
        leg("CA2", "completed", 75, **other, CallDuration="60"),
        leg("CA1", "completed", 76, **agent, CallDuration="73"),
    )
    assert (one.direction, one.agent, one.to_number, one.wait_s, one.talk_s) == (
        "outbound",
        "client:mira",
        CALLER,
        10,
        60,
    )


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
def test_an_outbound_call_nobody_takes_says_why(status: str) -> None:
    out = {"Direction": "outbound-api", "From": OURS, "To": CALLER}
    one = call(leg("CA1", "initiated", 0, **out), leg("CA1", status, 20, **out, CallDuration="0"))
    assert one.outcome == {"busy": "busy", "failed": "failed"}.get(status, "unanswered")


def test_what_record_took_is_a_voicemail() -> None:
    begun = "Tue, 18 Nov 2025 09:00:25 +0000"
    told = form(
        [
            ("CallSid", "CA1"),
            ("RecordingSid", "RE1"),
            ("RecordingStatus", "completed"),
            ("RecordingUrl", "https://x"),
            ("RecordingSource", "RecordVerb"),
            ("RecordingStartTime", begun),
        ]
    )
    one = call(leg("CA1", "ringing", 0), told, leg("CA1", "completed", 50, CallDuration="50"))
    assert (one.outcome, one.voicemail, one.recording, one.wait_s, one.talk_s) == ("voicemail", True, False, 25, 0)


async def test_an_agent_called_at_a_number_becomes_part_of_the_call_that_takes_them(service: Running) -> None:
    """Until the queue connects them nobody can know; then nothing of the other call is left."""
    await service.connect_to("twilio", SECRETS, public_url=ADDRESS)
    agent = {"Direction": "outbound-api", "From": OURS, "To": MOBILE}
    taken = form(
        [
            ("CallSid", "CA1"),
            ("CallStatus", "in-progress"),
            ("Direction", "inbound"),
            ("From", CALLER),
            ("To", OURS),
            ("QueueSid", "QU1"),
            ("QueueTime", "20"),
            ("DequeingCallSid", "CA2"),
        ]
    )
    told = [
        leg("CA2", "ringing", 10, **agent),
        leg("CA2", "in-progress", 25, **agent),
        taken,
        leg("CA1", "ringing", 0),
        leg("CA1", "completed", 85, CallDuration="85"),
        leg("CA2", "completed", 85, **agent, CallDuration="60"),
    ]
    for request in told:
        assert (await service.post_as(request)).status_code == 200
        await service.settled()
    one = await service.call("CA1")
    assert (one["agent"], one["outcome"], one["wait_s"], one["talk_s"]) == (MOBILE, "answered", 20, 60)
    assert (await service.call("CA2"))["id"] == one["id"]
    ended = [each["subject"] for each in await service.events("calls.call.ended.v1")]
    assert ended == [one["id"]]
