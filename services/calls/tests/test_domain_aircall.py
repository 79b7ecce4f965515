"""What is particular about Aircall."""

import json
from typing import Any

import pytest
from services.calls.tests.stories import NOW, TOKEN, bodies, changed, fold_all, interpret

from calls.domain.delivery import Delivery, admitted, interpreted, repeat_key
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.reading import Unintelligible
from calls.domain.telephone import to_e164

AIRCALL = providers()["aircall"]
SECRETS = {"token": ["an-older-token", TOKEN]}


def request(body: bytes, **headers: str) -> HookRequest:
    return HookRequest(body=body, received_at=NOW, headers=headers)


def test_either_live_token_is_accepted_and_no_other() -> None:
    body = bodies("transfer")[0]
    assert admitted(AIRCALL, request(body), SECRETS)
    assert admitted(AIRCALL, request(body.replace(TOKEN.encode(), b"an-older-token")), SECRETS)
    assert admitted(AIRCALL, request(body.replace(TOKEN.encode(), b"an-older-toke")), SECRETS) is None


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"{}", b'{"token": null}', b"\xff", b"[" * 100_000])
def test_whatever_cannot_be_verified_is_a_stranger(body: bytes) -> None:
    assert admitted(AIRCALL, request(body), SECRETS) is None


def test_the_token_is_taken_out_and_every_other_byte_stays() -> None:
    for body in bodies():
        stored = admitted(AIRCALL, request(body), SECRETS)
        assert stored
        assert stored.body == body.replace(TOKEN.encode(), b"[redacted]")


def test_a_token_behind_escapes_is_found_too() -> None:
    whole = json.loads(bodies("transfer")[0])
    escaped = json.dumps(whole).replace('"token"', '"t\\u006fken"').encode()
    doubled = json.dumps(whole).replace("{", '{"token": "another", ', 1).encode()
    for body in (escaped, doubled):
        stored = admitted(AIRCALL, request(body), SECRETS)
        assert stored
        assert TOKEN.encode() not in stored.body
        assert json.loads(stored.body) == whole | {"token": "[redacted]"}


def test_headers_that_prove_who_one_is_are_not_kept() -> None:
    stored = admitted(AIRCALL, request(bodies()[0], authorization="Bearer x", host="example.com"), SECRETS)
    assert stored
    assert stored.headers == {"authorization": "[redacted]", "host": "example.com"}


def test_a_repeat_has_the_same_key_and_nothing_else_has() -> None:
    keys = [repeat_key(AIRCALL, request(body)) for body in bodies()]
    assert len(set(keys)) == len(keys)
    assert keys == [repeat_key(AIRCALL, request(body)) for body in bodies()]


def test_an_adapter_that_breaks_quarantines_the_delivery() -> None:
    assert interpreted(None, _delivery(b"{}"), {}).reason == "there is no adapter for this provider"
    assert interpreted(AIRCALL, _delivery(b"\x00"), {}).reason == "the body is no JSON"


def _delivery(body: bytes) -> Delivery:
    return Delivery("id", "connection", "", "", {}, body, None, NOW)


def test_a_transfer_outside_names_the_number() -> None:
    body = changed(bodies("transfer")[2], external_transferred_to="+1 202-555-0199", transferred_to=None)
    told = [body.replace(b"call.transferred", b"call.external_transferred"), *bodies("transfer")[:2]]
    (call,) = fold_all([fact for each in told for fact in interpret(each)]).values()
    assert call.transferred_to == "+12025550199"


def test_an_unsuccessful_transfer_leads_nowhere() -> None:
    body = bodies("transfer")[2].replace(b"call.transferred", b"call.unsuccessful_transfer")
    (call,) = fold_all(interpret(body)).values()
    assert call.transferred_to is None


def test_a_withheld_number_is_none() -> None:
    (call,) = fold_all(interpret(changed(bodies("transfer")[0], raw_digits="anonymous"))).values()
    assert (call.from_number, call.external_number, call.to_number) == (None, None, "+12025550101")


def test_a_voicemail_is_not_an_answer() -> None:
    told = changed(bodies("inbound_missed")[2], voicemail="https://assets.example.com/v.mp3", missed_call_reason=None)
    (call,) = fold_all(interpret(told)).values()
    assert (call.outcome, call.voicemail, call.talk_s) == ("voicemail", True, 0)


@pytest.mark.parametrize("values", [{"tags": "x"}, {"started_at": "soon"}, {"user": []}, {"teams": [1]}, {"id": True}])
def test_a_field_of_another_type_is_named(values: dict[str, Any]) -> None:
    with pytest.raises(Unintelligible, match=f"/data/{next(iter(values))} is not"):
        interpret(changed(bodies("inbound_answered")[11], **values))


@pytest.mark.parametrize(
    ("spelled", "region", "number"),
    [
        ("+1 202-555-0147", None, "+12025550147"),
        ("12025550147", None, "+12025550147"),
        (12025550147, None, "+12025550147"),
        ("(202) 555-0147", "US", "+12025550147"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("00 44 20 7946 0123", "NL", "+442079460123"),
        ("anonymous", None, None),
        ("client:mira", None, None),
        ("sip:1202555014@example.com", None, None),
        ("102", "US", None),
        ("", None, None),
        (None, None, None),
        ("+" + "9" * 40, None, None),
    ],
)
def test_numbers_in_every_spelling_are_one_number(
    spelled: str | int | None, region: str | None, number: str | None
) -> None:
    assert to_e164(spelled, region) == number
