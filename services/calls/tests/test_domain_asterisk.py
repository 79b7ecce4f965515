"""What is particular about Asterisk and our forwarder."""

import hashlib
import hmac
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services.calls.tests.stories import FIXTURES, fold_all, kept, live_secrets, understood

from calls.domain.call import Call
from calls.domain.delivery import admitted, interpreted
from calls.domain.hook import HookRequest
from calls.domain.providers import providers

ASTERISK = providers()["asterisk"]
SECRETS = live_secrets("asterisk")
KEY = SECRETS["forwarder_hmac_key"][0]
NOW = datetime(2025, 11, 18, 9, tzinfo=UTC)
CALLER, DESK, TRUNK = "+12025550147", "102", "1763457245.101"


def request(said: dict[str, Any], at: datetime = NOW, signed_at: datetime | None = None) -> HookRequest:
    body, stamp = json.dumps(said).encode(), str(int((signed_at or at).timestamp()))
    signature = hmac.digest(KEY.encode(), stamp.encode() + b"." + body, hashlib.sha256).hex()
    headers = {"x-forwarder-timestamp": stamp, "x-forwarder-signature": f"sha256={signature}"}
    return HookRequest(body, at, headers, settings={"timezone": "Europe/Amsterdam"})


def ami(event: str, second: float, **more: str) -> HookRequest:
    at = NOW + timedelta(seconds=second)
    root = {"Uniqueid": TRUNK, "Linkedid": TRUNK, "CallerIDNum": CALLER, "Exten": "12025550101", "Context": "trunk"}
    return request({"received_at": at.isoformat(), "ami": {"Event": event} | root | more}, at)


def call(*told: HookRequest) -> Call:
    said = [interpreted(ASTERISK, kept(each, number), each.settings) for number, each in enumerate(told)]
    assert [each.reason for each in said if each.reason] == []
    (one,) = fold_all([fact for each in said for fact in each.facts], "asterisk").values()
    return one


def test_an_old_signature_or_one_of_another_moment_is_refused() -> None:
    assert admitted(ASTERISK, request({}), SECRETS)
    for other in (NOW - timedelta(seconds=301), NOW + timedelta(seconds=301)):
        assert admitted(ASTERISK, request({}, signed_at=other), SECRETS) is None
    good = request({})
    for headers in (
        {"x-forwarder-timestamp": "soon", "x-forwarder-signature": good.headers["x-forwarder-signature"]},
        {"x-forwarder-timestamp": good.headers["x-forwarder-timestamp"]},
        good.headers | {"x-forwarder-signature": good.headers["x-forwarder-signature"].removeprefix("sha256=")},
    ):
        assert admitted(ASTERISK, HookRequest(good.body, NOW, headers), SECRETS) is None


def test_times_of_records_are_in_the_servers_zone() -> None:
    record = ami(
        "Cdr", 60, UniqueID=TRUNK, StartTime="2025-11-18 10:00:05", EndTime="2025-11-18 10:00:45", Source=CALLER
    )
    one = call(record)
    assert (one.started_at, one.ended_at) == (NOW + timedelta(seconds=5), NOW + timedelta(seconds=45))
    assert (one.direction, one.outcome) == ("inbound", "missed")


def test_lines_of_queue_log_tell_the_same_waits_and_talks() -> None:
    lines = (FIXTURES / "asterisk" / "queue_log.txt").read_text().splitlines()
    by_call = fold_all(understood("asterisk", [request({"queue_log": line}) for line in lines]), "asterisk")
    answered, left = by_call["1763457245.101"], by_call["1763458300.111"]
    assert (answered.outcome, answered.wait_s, answered.ring_s, answered.talk_s) == ("answered", 23, 14, 204)
    assert (answered.queue, answered.agent, answered.from_number) == ("sales", "Mira Okafor", CALLER)
    assert (left.outcome, left.wait_s, left.talk_s) == ("abandoned", 41, 0)


@pytest.mark.parametrize("line", ["", "x", "1|2|3", "soon|1|q|a|CONNECT", "9" * 5000 + "|1|q|a|CONNECT"])
def test_what_is_no_line_of_queue_log_is_kept_with_a_reason(line: str) -> None:
    assert interpreted(ASTERISK, kept(request({"queue_log": line})), {}).reason


def test_a_call_dialled_to_a_desk_and_passed_on() -> None:
    first = {"DestUniqueid": "2.1", "DestChannel": "PJSIP/101-01", "DestCallerIDNum": "101"}
    second = {"DestUniqueid": "2.2", "DestChannel": "PJSIP/102-02", "DestCallerIDNum": "102"}
    transfer = {
        "TransfererUniqueid": "2.1",
        "TransfererLinkedid": TRUNK,
        "TransfereeUniqueid": TRUNK,
        "Extension": "102",
    }
    one = call(
        ami("Newchannel", 0),
        ami("DialBegin", 1, **first),
        ami("DialEnd", 10, **first, DialStatus="ANSWER"),
        ami("Hold", 20, Uniqueid="2.1"),
        ami("Unhold", 25, Uniqueid="2.1"),
        ami("BlindTransfer", 40, Result="Success", TransfereeLinkedid=TRUNK, **transfer),
        ami("DialBegin", 41, **second),
        ami("DialEnd", 50, **second, DialStatus="ANSWER"),
        ami("Hangup", 80),
    )
    assert (one.outcome, one.agent, one.transferred_to, one.wait_s, one.hold_s) == (
        "answered",
        "PJSIP/102",
        "102",
        10,
        5,
    )
    assert (one.talk_s, one.ended_at) == (55, NOW + timedelta(seconds=80))
    assert [each.agent for each in one.segments] == [None, "PJSIP/101", "PJSIP/102"]


def test_a_second_queue_is_waited_in_too() -> None:
    member = {"Queue": "support", "DestUniqueid": "2.1", "Interface": "PJSIP/101", "MemberName": "Mira"}
    one = call(
        ami("QueueCallerJoin", 5, Queue="sales"),
        ami("QueueCallerLeave", 35, Queue="sales"),
        ami("QueueCallerJoin", 36, Queue="support"),
        ami("AgentConnect", 56, **member, HoldTime="20", RingTime="8"),
        ami("AgentComplete", 90, **member, TalkTime="34", HoldTime="20", Reason="agent"),
        ami("Hangup", 90),
    )
    assert (one.queue, one.wait_s, one.ring_s, one.talk_s) == ("sales", 51, 8, 34)
    assert [(each.queue, each.agent) for each in one.segments] == [
        ("sales", None),
        ("support", None),
        (None, "PJSIP/101"),
    ]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("NOANSWER", "unanswered"), ("BUSY", "busy"), ("CONGESTION", "failed"), ("CANCEL", "unanswered")],
)
def test_an_outbound_call_nobody_takes_says_why(status: str, outcome: str) -> None:
    out = {"CallerIDNum": DESK, "Context": "from-internal", "DestUniqueid": "2.1", "DestChannel": "PJSIP/trunk-1"}
    one = call(ami("DialBegin", 0, **out), ami("DialEnd", 20, **out, DialStatus=status), ami("Hangup", 20, **out))
    assert (one.direction, one.outcome, one.agent) == ("outbound", outcome, DESK)


def test_the_channels_of_a_call_are_other_names_of_it() -> None:
    told = ami("DialBegin", 0, DestUniqueid="2.1", DestChannel="PJSIP/101-01")
    names = defaultdict(set)
    for fact in interpreted(ASTERISK, kept(told), {}).facts:
        names[fact.subject] |= set(fact.aliases)
    assert names == {TRUNK: {"2.1"}}


def test_events_of_no_call_say_nothing() -> None:
    assert interpreted(ASTERISK, kept(ami("PeerStatus", 0)), {}).facts == []
