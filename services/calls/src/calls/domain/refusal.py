"""Why a request to a hook was turned away, for whoever connects a provider. Strangers are told nothing of it.

What is said is true of authentic requests only: an address or a time is named once a live secret has proven the rest.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import Any

from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.senders import may_post
from calls.domain.signatures import TOLERANCE_SECONDS

ALWAYS = 10**11
FOREVER = "9999-12-31T00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Refusal:
    """So many requests to a connection's hook were turned away; ``at`` and ``reason`` are the last one's."""

    connection: str
    requests: int
    at: datetime
    reason: str


def why_refused(provider: Provider, request: HookRequest, secrets: Secrets) -> str:
    """A sentence about one that `admitted` refused."""
    if not may_post(request.sender, request.settings.get("allowed_ips")):
        return f"It came from {request.sender}, which settings.allowed_ips does not list."
    if _greets(provider, request):
        return "It is a handshake, and no subscription is being made: POST …/subscribe lets it in for ten minutes."
    if _proven(provider, request, secrets):
        return "It is authentic, and its body cannot be read."
    for address in _addresses(request):
        if _proven(provider, _with(request, signature_tolerance_s=ALWAYS, url=address), secrets):
            return _late(request) if address == request.url else _elsewhere(request, address)
    if missing := _missing(provider, request, secrets):
        return f"It has no {missing}, which is to prove that {provider.name} sent it."
    another = f", or it is signed for another address than {request.url}" if provider.signs_address else ""
    return f"No live secret of this connection fits it{another}."


def _greets(provider: Provider, request: HookRequest) -> bool:
    with suppress(Exception):
        return provider.handshake(_with(request, handshake_until=FOREVER)) is not None
    return False


def _addresses(request: HookRequest) -> Iterator[str]:
    """Those it may have been signed for: the known one, then whatever may be the outside of a proxy."""
    yield request.url
    _, _, rest = request.url.partition("://")
    _, _, path = rest.partition("/")
    hosts = {request.headers[name] for name in ("x-forwarded-host", "host") if name in request.headers}
    for scheme, host in product(("https", "http"), sorted({*hosts, rest.partition("/")[0]})):
        yield f"{scheme}://{host}/{path}"
        yield f"{scheme}://{host}/{path}/"


def _proven(provider: Provider, request: HookRequest, secrets: Secrets) -> bool:
    with suppress(Exception):
        return provider.verify(request, secrets)
    return False


def _missing(provider: Provider, request: HookRequest, secrets: Secrets) -> str | None:
    try:
        provider.verify(request, secrets)
    except KeyError as missing:
        return str(missing.args[0])
    except Exception:  # noqa: BLE001 — hostile input may break a library in any way
        return None
    return None


def _late(request: HookRequest) -> str:
    tolerance = request.settings.get("signature_tolerance_s") or TOLERANCE_SECONDS
    return f"The time it was signed at is more than {tolerance} s from this host's clock: set the clock right."


def _elsewhere(request: HookRequest, address: str) -> str:
    return f"It is signed for {address}, and this connection is known by {request.url}: change its public_url."


def _with(request: HookRequest, url: str = "", **settings: Any) -> HookRequest:
    return replace(request, url=url or request.url, settings={**request.settings, **settings})
