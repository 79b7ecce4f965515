"""One webhook request as it arrived: what is kept of it, and what became of it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Unintelligible
from calls.domain.senders import may_post

State = Literal["received", "normalised", "duplicate", "quarantined"]
REDACTED = "[redacted]"
ALWAYS_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
LONGEST_REASON = 500
# An index holds no longer names.
LONGEST_NAME = 500
NUMBERS = ("from_number", "to_number")
# The path of what did not come to a hook, and how the keys of such deliveries and their facts begin.
HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Delivery:
    """``headers`` and ``body`` are without secrets. ``key`` tells a repeat (see `Provider.deduplication_key`)."""

    id: str
    connection: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    key: str | None
    received_at: datetime
    traceparent: str | None = None

    @property
    def of_history(self) -> bool:
        """A call of the provider's history, which we asked for; what comes to a hook always has headers."""
        return self.path == HISTORY and not self.headers


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a delivery says: facts, or the reason why it cannot be understood."""

    facts: Sequence[Fact] = ()
    reason: str | None = None


def admitted(provider: Provider, request: HookRequest, secrets: Secrets) -> HookRequest | None:
    """The request as it may be stored, or None if it is not authentic.

    Whatever goes wrong counts as not authentic: a stranger must not cause a 500.
    """
    try:
        if not may_post(request.sender, request.settings.get("allowed_ips")) or not provider.verify(request, secrets):
            return None
        own_headers = {name.lower() for name in secrets.get("header", ())}
        headers = _without_secrets(request.headers, provider.secret_headers | own_headers)
        return replace(request, body=provider.redact(request.body), headers=headers)
    except Exception:  # noqa: BLE001 — hostile input may break a library in any way
        return None


def repeat_key(provider: Provider, request: HookRequest) -> str | None:
    """The provider's deduplication key; None where the body does not even give one."""
    with suppress(Exception):
        key = provider.deduplication_key(request)
        return hashlib.sha256(key.encode()).hexdigest() if key and len(key) > LONGEST_NAME else key
    return None


def interpreted(provider: Provider | None, delivery: Delivery, settings: Mapping[str, Any]) -> Interpretation:
    """The delivery's facts, each with its key. Never raises: what cannot be understood has a reason."""
    if provider is None:
        return Interpretation(reason="there is no adapter for this provider")
    request = HookRequest(
        body=delivery.body,
        received_at=delivery.received_at,
        headers=delivery.headers,
        path=delivery.path,
        query=delivery.query,
        settings=settings,
    )
    try:
        facts = provider.interpret(request)
    except Unintelligible as reason:
        return Interpretation(reason=str(reason)[:LONGEST_REASON])
    except Exception as error:  # noqa: BLE001 — one poisonous delivery must not hold up the others
        return Interpretation(reason=f"the adapter failed: {type(error).__name__}: {error}"[:LONGEST_REASON])
    longest = max((len(name) for fact in facts for name in _names(fact)), default=0)
    if longest > LONGEST_NAME:
        told = f"a call, an agent or a number has a name of {longest:,} characters; {LONGEST_NAME} are believed"
        return Interpretation(reason=told)
    stem = delivery.key or delivery.id
    return Interpretation([replace(fact, key=f"{stem}/{number}") for number, fact in enumerate(facts)])


def _names(fact: Fact) -> Iterator[str]:
    """All that others are found by."""
    yield from (fact.subject, *fact.aliases, *(who["agent_id"] for who in fact.agents))
    told = (fact.values, fact.values.get("leg") or {})
    yield from (number for part in told for name in NUMBERS if (number := part.get(name)))


def _without_secrets(headers: Mapping[str, str], secret: frozenset[str] | set[str]) -> dict[str, str]:
    hidden = ALWAYS_SECRET | secret
    return {name: REDACTED if name in hidden else value for name, value in headers.items()}
