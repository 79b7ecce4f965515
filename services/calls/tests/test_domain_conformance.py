"""What every provider's adapter keeps to, whatever it is sent; a provider joins by its fixtures alone."""

import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from services.calls.tests.stories import NOW, PROVIDERS, fold_all, kept, live_secrets, manifest, sent

from calls.domain.delivery import LONGEST_NAME, admitted, interpreted, repeat_key
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.reading import LONGEST_LIST
from calls.domain.signatures import TOLERANCE_SECONDS
from calls.storage.calls import row_of
from shared.contracts.calls import CallSnapshot

# Enough to find most; before a release of an adapter, TRUNKLINE_FUZZED=10000.
FUZZED = int(os.environ.get("TRUNKLINE_FUZZED", "1500"))
TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|[^=&\s]+')
# What fields hold that should hold something else.
ODD = [
    *(b"null", b"true", b"-1", b"0", b"1e400", b"NaN", b"1" + b"0" * 30, b'""', b"[]", b"{}", b"[[]]", b"[null]"),
    *(
        b'"\\ud800"',
        b'"\\u0000"',
        b'"[object Object]"',
        b'"' + b"9" * 400 + b'"',
        b'"2025-02-30T25:61:00Z"',
        b"253402300800",
    ),
    *(b'"2025-11-18 09:14:05"', b'"9:14:05"', b'"99:99:99"', b'"anonymous"', b"%00", b"%ff%fe", b"\xff", b""),
]


def signs(provider: str, part: str) -> bool:
    return part in manifest(provider)["signs"]


def signing(part: str) -> list[str]:
    return [each for each in PROVIDERS if signs(each, part)]


def is_admitted(provider: str, request: HookRequest, secrets: dict[str, list[str]] | None = None) -> bool:
    return admitted(providers()[provider], request, secrets or live_secrets(provider)) is not None


def mangled(body: bytes) -> list[bytes]:
    """Truncated, or in another encoding."""
    return [b"", body[: len(body) // 2], body[:-3], b"\xff\xfe" + body, body.decode().encode("utf-16"), body + body]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_it_sends_is_admitted_and_kept_byte_for_byte_but_for_secrets(provider: str) -> None:
    for request in sent(provider):
        stored = admitted(providers()[provider], request, live_secrets(provider))
        assert stored
        told = stored.body.decode() + str(stored.headers)
        for name, secret in manifest(provider)["secrets"].items():
            assert name == "header" or secret not in told
            if name != "header" and secret.encode() not in request.body:
                assert stored.body == request.body


@pytest.mark.parametrize("provider", PROVIDERS)
def test_any_live_secret_proves_it_and_no_other(provider: str) -> None:
    secrets = live_secrets(provider)
    others = {name: values if name == "header" else ["another-secret"] for name, values in secrets.items()}
    rotated = {name: values if name == "header" else ["another-secret", *values] for name, values in secrets.items()}
    for request in sent(provider):
        assert is_admitted(provider, request, rotated)
        assert not is_admitted(provider, request, others)
        assert not is_admitted(provider, request, {"nothing": ["useful"]})


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_proof_that_is_missing_or_mangled_is_none(provider: str) -> None:
    for request in sent(provider):
        body = b"".join(request.body.split(b"test-"))
        for headers in ({}, {name: value[:-1] for name, value in request.headers.items()}):
            assert not is_admitted(provider, replace(request, headers=headers, body=body))
        garbled = dict.fromkeys(request.headers, "�\u2028=. ;")
        assert not is_admitted(provider, replace(request, headers=garbled, body=body))


@pytest.mark.parametrize("provider", signing("body"))
def test_a_changed_body_is_not_its_own(provider: str) -> None:
    requests = sent(provider)
    for request, other in zip(requests, requests[1:] + requests[:1], strict=True):
        for body in [*mangled(request.body), other.body]:
            assert body == request.body or not is_admitted(provider, replace(request, body=body))


@pytest.mark.parametrize("provider", signing("url"))
def test_what_was_sent_to_another_address_is_not_ours(provider: str) -> None:
    for request in sent(provider):
        assert not is_admitted(provider, replace(request, url=request.url.replace("hooks.", "crooks.")))


@pytest.mark.parametrize("provider", signing("time"))
def test_what_was_signed_at_another_time_is_a_replay(provider: str) -> None:
    for request in sent(provider):
        for away, fresh in ((TOLERANCE_SECONDS - 2, True), (TOLERANCE_SECONDS + 2, False)):
            for moment in (
                request.received_at + timedelta(seconds=away),
                request.received_at - timedelta(seconds=away),
            ):
                assert is_admitted(provider, replace(request, received_at=moment)) is fresh
        patient = replace(request, settings={**request.settings, "signature_tolerance_s": 3600})
        assert is_admitted(provider, replace(patient, received_at=request.received_at + timedelta(minutes=50)))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_repeat_has_the_key_of_its_original_and_other_deliveries_have_not(provider: str) -> None:
    adapter = providers()[provider]
    keys = {request.body: repeat_key(adapter, request) for request in sent(provider)}
    assert keys == {request.body: repeat_key(adapter, request) for request in sent(provider)}
    given = [key for key in keys.values() if key]
    assert len(given) == len(set(given))


def fuzzed(provider: str) -> Iterator[HookRequest]:
    """Bodies that were bent in one to three places, with the headers of their originals."""
    chance = random.Random(provider)
    requests = sent(provider)
    tokens = {request.body: list(TOKENS.finditer(request.body)) for request in requests}
    for _ in range(FUZZED):
        request = chance.choice(requests)
        places = sorted(
            chance.sample(tokens[request.body], chance.choice((1, 1, 1, 2, 3))), key=lambda one: -one.start()
        )
        body = request.body
        for place in places:
            body = body[: place.start()] + chance.choice(ODD) + body[place.end() :]
        if chance.random() < 0.1:
            body = body[: chance.randrange(len(body))]
        yield replace(request, body=body)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_whatever_it_is_sent_no_adapter_breaks(provider: str) -> None:
    """Each is turned away, or understood, or kept with a reason that names what is wrong; calls can be made of it."""
    adapter, secrets, seen = providers()[provider], live_secrets(provider), set()
    for request in fuzzed(provider):
        admitted(adapter, request, secrets)
        says = interpreted(adapter, kept(request, key=repeat_key(adapter, request)), request.settings)
        assert not (says.reason or "").startswith("the adapter failed"), (says.reason, request.body)
        for call in fold_all(list(says.facts), provider).values():
            CallSnapshot.model_validate(row_of(call) | {"version": 1})
        seen.add(bool(says.reason))
    assert seen == {True, False}


LONG = "0123456789" * 300


@pytest.mark.parametrize(
    ("provider", "headers", "body"),
    [
        ("twilio", {}, b"CallSid=%s&SequenceNumber=1" % LONG.encode()),
        ("generic", {"webhook-id": LONG}, b"{}"),
        ("justcall", {}, b'{"request_id": "%s"}' % LONG.encode()),
        ("ringcentral", {}, b'{"body": {"telephonySessionId": "%s", "sequence": 1}}' % LONG.encode()),
    ],
)
def test_a_key_of_any_length_fits_into_an_index_and_is_still_its_own(
    provider: str, headers: dict[str, str], body: bytes
) -> None:
    request = HookRequest(body=body, received_at=NOW, headers=headers)
    other = replace(request, body=body.replace(b"90123", b"9_123", 1), headers=dict.fromkeys(headers, f"{LONG}_"))
    key, another = (repeat_key(providers()[provider], each) for each in (request, other))
    assert key
    assert len(key) <= LONGEST_NAME
    assert key != another


def test_ids_beyond_belief_are_told_as_such() -> None:
    for provider, body in (
        ("generic", {"call_id": LONG}),
        ("generic", {"call_id": "1", "agent": LONG}),
        ("twilio", {"CallSid": LONG, "CallStatus": "ringing"}),
        ("twilio", {"CallSid": "1", "CallStatus": "ringing", "From": f"client:{LONG}", "Direction": "inbound"}),
    ):
        request = HookRequest(body=json.dumps(body).encode(), received_at=NOW, headers={"content-type": "text/json"})
        says = interpreted(providers()[provider], kept(request), {})
        assert says.facts == ()
        assert re.search(r"has a name of 3,00[07] characters", says.reason or "")


def test_a_delivery_that_says_more_than_anybody_could_is_told_as_such() -> None:
    party = {"id": "p-1", "status": {"code": "Setup"}}
    event = {"telephonySessionId": "s", "eventTime": "2025-11-18T09:14:05Z", "parties": [party] * (LONGEST_LIST + 1)}
    request = HookRequest(body=json.dumps({"event": "/telephony", "body": event}).encode(), received_at=NOW)
    says = interpreted(providers()["ringcentral"], kept(request), {})
    assert (says.facts, says.reason) == ((), "/body/parties has 501 entries; 500 are read")
