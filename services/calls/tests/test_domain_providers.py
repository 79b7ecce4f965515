"""What is particular about single providers; Aircall and those of legs have files of their own."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from services.calls.tests.stories import NOW, fold_all, kept, live_secrets, sent, understood

from calls.domain.call import Call
from calls.domain.delivery import admitted, interpreted
from calls.domain.hook import HookRequest
from calls.domain.providers import generic, justcall, providers, ringover

PAGES = Path(__file__).parents[3] / "docs" / "providers"


def with_(request: HookRequest, place: str = "", **values: Any) -> HookRequest:
    """The request with some of its body changed, as if the provider had said so."""
    body = json.loads(request.body)
    inside = body
    for name in filter(None, place.split("/")):
        inside = inside[name]
    inside |= values
    return replace(request, body=json.dumps(body).encode())


def call_of(provider: str, *requests: HookRequest, settings: dict[str, Any] | None = None) -> Call:
    """The call these make, whatever their signatures."""
    facts = []
    for number, request in enumerate(requests):
        says = interpreted(providers()[provider], kept(request, number, f"key{number}"), settings or {})
        assert says.reason is None, says.reason
        facts += says.facts
    (call,) = fold_all(facts, provider).values()
    return call


def reason(provider: str, request: HookRequest) -> str | None:
    return interpreted(providers()[provider], kept(request), {}).reason


# CloudTalk


def test_cloudtalk_what_is_no_value_says_nothing() -> None:
    started = with_(sent("cloudtalk")[0], agent_id="[object Object]", external_number="[object Object]")
    call = call_of("cloudtalk", started)
    assert (call.agent, call.from_number, call.to_number) == (None, None, "+12025550101")


def test_cloudtalk_the_recording_finds_its_call_by_the_number_that_comes_later() -> None:
    requests = sent("cloudtalk", "inbound_answered")
    recording = [each for each in requests if b"recording_uploaded" in each.body]
    others = [with_(each, recording_url=None) for each in requests if each not in recording]
    assert call_of("cloudtalk", *others).recording is False
    assert call_of("cloudtalk", *recording, *others).recording is True


def test_cloudtalk_an_answer_is_known_by_the_talk_where_its_event_is_lost() -> None:
    call = call_of("cloudtalk", sent("cloudtalk", "inbound_answered")[-2])
    assert (call.status, call.outcome, call.answered_at, call.talk_s, call.wait_s) == (
        "ended",
        "answered",
        None,
        204,
        23,
    )


def test_cloudtalk_hold_that_is_learnt_later_corrects_the_talk() -> None:
    facts = understood("cloudtalk", sent("cloudtalk", "inbound_answered"))
    (ended,) = [fact for fact in facts if fact.kind == "ended"]
    learnt = replace(ended, kind="noted", at=ended.at + timedelta(hours=1), values={"hold_s": 20}, key="asked later")
    (call,) = fold_all([*facts, learnt], "cloudtalk").values()
    assert (call.talk_s, call.hold_s, call.basis["talk_s"]) == (184, 20, "without_hold")


def test_cloudtalk_the_file_a_customer_follows_is_what_we_read() -> None:
    workflows = json.loads((PAGES / "cloudtalk" / "workflows.json").read_text())["workflows"]
    for workflow in workflows:
        filled = {each["key"]: each["value"] if "{{" not in each["value"] else None for each in workflow["values"]}
        filled |= {"call_id": 1, "direction": "incoming"}
        request = replace(sent("cloudtalk")[0], body=json.dumps(filled).encode())
        assert reason("cloudtalk", request) is None, workflow["trigger"]


# JustCall


def signed_by_justcall(request: HookRequest, stamp: str) -> HookRequest:
    secret = live_secrets("justcall")["api_secret"][0]
    address = request.url.replace(":", "%3A").replace("/", "%2F")
    message = f"{secret}|{address}|{json.loads(request.body)['type']}|{stamp}"
    signature = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    headers = {justcall.SIGNED_AT: stamp, "x-justcall-signature": signature}
    return replace(request, headers={**request.headers, **headers})


@pytest.mark.parametrize("stamp", ["2025-11-18 09:14:05", "1763457245"])
def test_justcall_signs_its_time_in_either_spelling(stamp: str) -> None:
    request = signed_by_justcall(sent("justcall")[0], stamp)
    late = replace(request, received_at=request.received_at + timedelta(seconds=400))
    assert admitted(providers()["justcall"], request, live_secrets("justcall"))
    assert admitted(providers()["justcall"], late, live_secrets("justcall")) is None


def test_justcall_the_address_in_the_body_proves_nothing() -> None:
    request = sent("justcall")[0]
    elsewhere = replace(request, url="https://hooks.example.com/another")
    assert admitted(providers()["justcall"], elsewhere, live_secrets("justcall")) is None


def test_justcall_what_is_empty_before_it_can_be_known_takes_nothing_back() -> None:
    incoming, *_, completed, updated = sent("justcall", "inbound_answered")
    again = signed_by_justcall(completed, "2025-11-18 10:30:00")
    call = call_of("justcall", incoming, updated, again)
    assert (call.disposition, call.tags, call.wrap_up_s) == ("Qualified lead", ("qualified-lead",), 31)
    cleared = with_(signed_by_justcall(updated, "2025-11-18 11:00:00"), "data/call_info", disposition="")
    assert call_of("justcall", incoming, updated, cleared).disposition is None


@pytest.mark.parametrize(
    ("direction", "kind", "why", "outcome"),
    [
        ("Incoming", "Missed", "Not picked by any agent", "missed"),
        ("Incoming", "Missed", "Call arrived after working hours", "after_hours"),
        ("Incoming", "Abandoned", "", "abandoned"),
        ("Outgoing", "Unanswered", "", "unanswered"),
        ("Outgoing", "BUSY", "", "busy"),
        ("Outgoing", "FAILED", "", "failed"),
        ("Outgoing", "Abandoned", "", "unanswered"),
    ],
)
def test_justcall_says_why_nobody_took_it(direction: str, kind: str, why: str, outcome: str) -> None:
    info = {"direction": direction, "type": kind, "missed_call_reason": why}
    request = with_(sent("justcall", "outbound_unanswered")[0], "data/call_info", **info)
    assert call_of("justcall", request).outcome == outcome


def test_justcall_the_agents_rating_is_no_customers() -> None:
    assert call_of("justcall", *sent("justcall", "inbound_answered")).csat is None


# Ringover


def signed_by_ringover(request: HookRequest, payload: Any, **more: Any) -> HookRequest:
    key = live_secrets("ringover")["call_event_key"][0]
    token = jwt.encode({"url": request.url, "payload": payload} | more, key, algorithm=more.pop("algorithm", "HS512"))
    return replace(request, headers={"x-ringover-webhook-signature": token})


def test_ringover_the_payload_may_be_an_object_or_its_text() -> None:
    request = sent("ringover")[0]
    said = json.loads(request.body)
    for payload in (said, json.dumps(said), said | {"timestamp": said["timestamp"] + 1e-7}):
        assert admitted(providers()["ringover"], signed_by_ringover(request, payload), live_secrets("ringover"))
    other = said | {"event": "hangup"}
    assert admitted(providers()["ringover"], signed_by_ringover(request, other), live_secrets("ringover")) is None


def test_ringover_no_other_algorithm_is_taken() -> None:
    request, key = sent("ringover")[0], live_secrets("ringover")["call_event_key"][0]
    said = {"url": request.url, "payload": json.loads(request.body)}
    for algorithm in ("HS256", "none"):
        token = jwt.encode(said, "" if algorithm == "none" else key, algorithm=algorithm)
        forged = replace(request, headers={"x-ringover-webhook-signature": token})
        assert admitted(providers()["ringover"], forged, live_secrets("ringover")) is None


def test_ringover_any_section_may_have_its_own_key() -> None:
    request = sent("ringover")[0]
    keys = live_secrets("ringover") | {"call_event_key": ["another"], "aftercall_key": ["test-ringover-call-event-key"]}
    assert admitted(providers()["ringover"], request, keys)


def signed_by_ringover_anew(request: HookRequest, stamp: str) -> HookRequest:
    message = b"POST" + request.url.encode() + request.body + stamp.encode()
    key = live_secrets("ringover")["call_event_key"][0].encode()
    signature = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
    headers = {ringover.THIRD_SIGNATURE: signature, ringover.THIRD_TIME: stamp}
    return replace(request, headers=headers, settings={"signature_version": 3})


def test_ringover_its_third_signature_is_taken_where_it_is_asked_for_and_fresh() -> None:
    request, secrets = sent("ringover")[0], live_secrets("ringover")
    now = request.received_at.timestamp()
    good = signed_by_ringover_anew(request, str(int(now)))
    assert admitted(providers()["ringover"], good, secrets)
    for forged in (
        replace(good, settings={}),
        replace(good, body=good.body + b" "),
        signed_by_ringover_anew(request, str(int(now - 301))),
        replace(request, settings=good.settings),
    ):
        assert admitted(providers()["ringover"], forged, secrets) is None


def test_ringover_ids_keep_every_digit_and_further_attempts_have_one_key() -> None:
    first = with_(sent("ringover")[0], "data", call_id=18446744073709551557)
    assert call_of("ringover", first).provider_call_id == "18446744073709551557"
    key = providers()["ringover"].deduplication_key
    assert key(first) == key(with_(first, attempt=2)) != key(with_(first, event="answered"))


def test_ringover_an_anonymous_caller_has_no_number() -> None:
    assert call_of("ringover", with_(sent("ringover")[0], "data", is_anonymous=1)).from_number is None


@pytest.mark.parametrize(
    ("why", "outcome"), [("OUT_PLANNING", "after_hours"), ("CALLER_HANGUP", "missed"), (None, "missed")]
)
def test_ringover_says_why_it_was_missed(why: str | None, outcome: str) -> None:
    gone = {"hangup_time": 1763457290.5, "reason": why, "answered_time": None, "user": None, "user_id": None}
    missed = with_(with_(sent("ringover")[0], event="missed"), "data", **gone)
    assert call_of("ringover", missed).outcome == outcome


# 3CX


def test_threecx_a_moment_that_never_came_is_none() -> None:
    missed = with_(sent("threecx", "inbound_missed")[0], established_at="0001-01-01T00:00:00Z", agent="101")
    call = call_of("threecx", missed)
    assert (call.answered_at, call.outcome, call.agent) == (None, "missed", None)


def test_threecx_times_without_a_zone_are_utc_and_numbers_are_dialled_at_home() -> None:
    request = with_(sent("threecx", "inbound_answered")[0], started_at="2025-11-18 09:14:05", number="020 7946 0018")
    call = call_of("threecx", request, settings={"own_numbers": ["+442079460000"]})
    assert (call.started_at, call.from_number) == (datetime(2025, 11, 18, 9, 14, 5, tzinfo=UTC), "+442079460018")


def test_threecx_one_call_has_one_id_and_another_has_another() -> None:
    request = sent("threecx", "inbound_answered")[0]
    same = call_of("threecx", request, with_(request, recording_url=""))
    assert same.provider_call_id != call_of("threecx", with_(request, agent="102")).provider_call_id


def test_threecx_the_template_we_ship_sends_what_we_read() -> None:
    template = (PAGES / "threecx" / "trunkline.xml").read_text()
    for name in json.loads(sent("threecx")[0].body):
        assert f'Key="{name}"' in template


# Our own JSON


def test_generic_any_of_the_shown_signatures_may_be_ours() -> None:
    request = sent("generic")[0]
    shown = request.headers["webhook-signature"]
    for header, welcome in ((f"v1a,{shown[3:]} v1,AAAA {shown}", True), (f"v1a,{shown[3:]}", False), ("", False)):
        asked = replace(request, headers={**request.headers, "webhook-signature": header})
        assert (admitted(providers()["generic"], asked, live_secrets("generic")) is not None) is welcome


def test_generic_a_key_may_stand_as_it_is() -> None:
    request = sent("generic")[0]
    message = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    signature = base64.b64encode(hmac.new(b"plain", message, hashlib.sha256).digest()).decode()
    asked = replace(request, headers={**request.headers, "webhook-signature": f"v1,{signature}"})
    assert admitted(providers()["generic"], asked, {"signing_secret": ["plain"]})


def test_generic_null_takes_back_and_absence_does_not() -> None:
    requests = sent("generic", "inbound_answered")
    later = {"type": "call.updated", "timestamp": "2025-11-18T10:00:00Z", "data": {"call_id": "gen-0001", "csat": None}}
    call = call_of("generic", *requests, replace(requests[0], body=json.dumps(later).encode()))
    assert (call.csat, call.disposition) == (None, "Qualified lead")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"call_id": None}, "/data/call_id is missing"),
        ({"csat": 6}, "/data/csat is not a whole number from 1 to 5"),
        ({"outcome": "lost"}, "/data/outcome is none of"),
        ({"direction": "sideways"}, "/data/direction is neither"),
        ({"tags": "x"}, "/data/tags is not a list of texts"),
        ({"resolved": "yes"}, "/data/resolved is not true or false"),
        ({"talk_s": -1}, "/data/talk_s is not a duration"),
        ({"agent": {"name": "Mira"}}, "/data/agent/id is missing"),
    ],
)
def test_generic_a_mistake_is_named_with_its_place(values: dict[str, Any], why: str) -> None:
    assert (reason("generic", with_(sent("generic")[0], "data", **values)) or "").startswith(why)


def test_generic_the_schema_a_customer_follows_is_what_we_read() -> None:
    schema = json.loads((PAGES / "generic" / "call.schema.json").read_text())["properties"]
    read = {*generic.TEXTS, *generic.TIMES, *generic.SECONDS, *generic.FLAGS}
    read |= {"call_id", "direction", "from", "to", "agent", "outcome", "tags", "csat"}
    assert schema["data"]["properties"].keys() == read
    assert schema["type"]["enum"] == list(generic.KINDS)


def test_an_empty_key_proves_nothing() -> None:
    """Anybody could sign with it."""
    body, stamp = b"{}", str(int(NOW.timestamp()))
    proof = base64.b64encode(hmac.digest(b"", b"1." + stamp.encode() + b"." + body, "sha256")).decode()
    headers = {"webhook-id": "1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{proof}"}
    request = HookRequest(body=body, received_at=NOW, headers=headers)
    for empty in ("whsec_", "whsec_!!!!"):
        assert admitted(providers()["generic"], request, {"signing_secret": [empty]}) is None


def test_a_form_of_very_many_fields_is_not_read() -> None:
    adapter, body = providers()["twilio"], b"&".join(b"a%d=1" % number for number in range(2_000))
    address = "https://hooks.example.com/x"
    told = "".join(f"{name}1" for name in sorted(f"a{number}" for number in range(2_000)))
    proof = base64.b64encode(hmac.digest(b"token", (address + told).encode(), "sha1")).decode()
    request = HookRequest(body=body, received_at=NOW, headers={"x-twilio-signature": proof}, url=address)
    assert admitted(adapter, request, {"auth_token": ["token"]}) is None
    assert interpreted(adapter, kept(request), {}).reason == "the form has more than 1,000 parameters"
