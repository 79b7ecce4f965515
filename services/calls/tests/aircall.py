"""The Aircall fixtures, and what they must become."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calls.domain.call import Call, Identity
from calls.domain.fact import Fact
from calls.domain.fold import course_of, fold
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.wrap_up import Mark, Talk, wrap_ups

FOLDER = Path(__file__).parent / "fixtures" / "aircall"
TOKEN = "test-aircall-webhook-token"
NOW = datetime(2025, 11, 18, 12, tzinfo=UTC)
AIRCALL = providers()["aircall"]
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text())
SCENARIOS = tuple(EXPECTED)


def bodies(scenario: str = "*") -> list[bytes]:
    """In the order of the calls' lives."""
    return [path.read_bytes() for path in sorted(FOLDER.glob(f"{scenario}.*.json"))]


def interpret(body: bytes) -> list[Fact]:
    facts = AIRCALL.interpret(HookRequest(body=body, received_at=NOW))
    return [
        replace(fact, key=f"{AIRCALL.deduplication_key(HookRequest(body, NOW))}/{n}") for n, fact in enumerate(facts)
    ]


def changed(body: bytes, **values: Any) -> bytes:
    """The body with some of its data changed."""
    event = json.loads(body)
    event["data"] |= values
    return json.dumps(event).encode()


def fold_all(facts: list[Fact]) -> dict[str, Call]:
    """Every call the facts tell of, by the provider's id, as the service would have them in the end."""
    by_call: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.scope == "call":
            by_call.setdefault(fact.subject, []).append(fact)
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
            Identity(call, "connection", "aircall", call, NOW),
            told,
            measures_hold=True,
            wrap_up_s=next((seconds for talk, seconds in joined.items() if talk.call == call), None),
        )
        for call, told in by_call.items()
    }


def shown(call: Call) -> dict[str, Any]:
    """The call as the wire shows it, as far as it is compared."""
    return {name: _json(getattr(call, name)) for name in next(iter(EXPECTED.values()))}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value
