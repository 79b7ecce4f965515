"""The fixtures: what providers send in the course of some calls, and what those calls must become.

A provider's folder is found by its ``expected.json``; `fixtures/README.md` says what is in it.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calls.domain.call import Call, Identity
from calls.domain.delivery import Delivery, admitted, interpreted, repeat_key
from calls.domain.fact import Fact
from calls.domain.fold import course_of, fold
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.wrap_up import Mark, Talk, wrap_ups

FIXTURES = Path(__file__).parent / "fixtures"
PROVIDERS = sorted(each.parent.name for each in FIXTURES.glob("*/expected.json"))
TOKEN = "test-aircall-webhook-token"
NOW = datetime(2025, 11, 18, 12, tzinfo=UTC)


def expected_calls(provider: str) -> dict[str, dict[str, Any]]:
    """By scenario."""
    found: dict[str, dict[str, Any]] = json.loads((FIXTURES / provider / "expected.json").read_text())
    return found


EXPECTED = expected_calls("aircall")
SCENARIOS = tuple(EXPECTED)


def manifest(provider: str) -> dict[str, Any]:
    """Its secrets, the address it signs, what its signature covers, and its requests as they arrived."""
    found: dict[str, Any] = json.loads((FIXTURES / provider / "manifest.json").read_text())
    return found


def live_secrets(provider: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in manifest(provider)["secrets"].items()}


def sent(provider: str, scenario: str | None = None) -> list[HookRequest]:
    """The requests (of one scenario) in the order of their arrival."""
    about = manifest(provider)
    rows = [row for row in about["requests"] if row["file"] and scenario in (None, row["scenario"])]
    return [_request(provider, about, row) for row in sorted(rows, key=lambda row: str(row["delivered_at"]))]


def _request(provider: str, about: dict[str, Any], row: dict[str, Any]) -> HookRequest:
    url = row.get("url", about["public_url"])
    path, _, query = url.removeprefix(about["public_url"]).partition("?")
    return HookRequest(
        body=(FIXTURES / provider / row["file"]).read_bytes(),
        received_at=datetime.fromisoformat(row["delivered_at"]),
        headers={name.lower(): value for name, value in row["headers"].items()},
        url=url,
        path=path.lstrip("/"),
        query=query,
        settings=about["settings"],
    )


def understood(provider: str, requests: Sequence[HookRequest]) -> list[Fact]:
    """All that authentic requests say, as the service would keep it: each fact once, in the words it was first said."""
    adapter, secrets = providers()[provider], live_secrets(provider)
    facts: dict[str, Fact] = {}
    for number, request in enumerate(requests):
        stored = admitted(adapter, request, secrets)
        assert stored, f"{provider} did not admit {request.body[:200]!r}"
        says = interpreted(adapter, kept(stored, number, repeat_key(adapter, stored)), request.settings)
        assert says.reason is None, says.reason
        facts = {fact.key: fact for fact in says.facts} | facts
    return list(facts.values())


def kept(stored: HookRequest, number: int = 0, key: str | None = None) -> Delivery:
    return Delivery(
        str(number), "connection", stored.path, stored.query, stored.headers, stored.body, key, stored.received_at
    )


def bodies(scenario: str = "*", provider: str = "aircall") -> list[bytes]:
    """In the order of the calls' lives."""
    return [path.read_bytes() for path in sorted((FIXTURES / provider).glob(f"{scenario}.[0-9]*"))]


def interpret(body: bytes, provider: str = "aircall") -> list[Fact]:
    request = HookRequest(body=body, received_at=NOW)
    adapter = providers()[provider]
    stem = adapter.deduplication_key(request)
    return [replace(fact, key=f"{stem}/{number}") for number, fact in enumerate(adapter.interpret(request))]


def changed(body: bytes, **values: Any) -> bytes:
    """The body with some of its data changed."""
    event = json.loads(body)
    event["data"] |= values
    return json.dumps(event).encode()


def fold_all(facts: list[Fact], provider: str = "aircall") -> dict[str, Call]:
    """Every call the facts tell of, by the provider's id, as the service would have them in the end."""
    names = {alias: fact.subject for fact in facts for alias in fact.aliases}
    by_call: dict[str, list[Fact]] = {fact.subject: [] for fact in facts if fact.scope == "call"}
    for fact in facts:
        if fact.scope != "agent" and (call := _called(fact.subject, names)) in by_call:
            by_call[call].append(fact)
    talks = [
        Talk(stay.ended_at, call, stay.agent_id)
        for call, told in by_call.items()
        for stay in course_of(told).stays
        if stay.answered_at and stay.ended_at
    ]
    marks = [Mark(fact.at, fact.kind == "wrap_up_ended", fact.subject) for fact in facts if fact.scope == "agent"]
    joined = wrap_ups(talks, marks)
    return {
        call: fold(
            Identity(call, "connection", provider, call, NOW),
            told,
            measures_hold=providers()[provider].measures_hold,
            wrap_up_s=sum(mine) if (mine := [s for talk, s in joined.items() if talk.call == call]) else None,
        )
        for call, told in by_call.items()
    }


def _called(name: str, names: dict[str, str]) -> str:
    """A call may get another name several times over."""
    for _ in names:
        name = names.get(name, name)
    return name


def shown(call: Call, like: dict[str, Any]) -> dict[str, Any]:
    """Those fields of the call, as the wire shows them."""
    return {name: _json(getattr(call, name)) for name in like}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value
