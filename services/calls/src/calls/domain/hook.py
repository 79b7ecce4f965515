"""A request to a hook as it arrived, and the answer it gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class HookRequest:
    """All that verifying and interpreting may need.

    ``url`` is the address the provider knows and may have signed: the connection's ``public_url`` (without one, the
    address as it came to us) with ``path``, what followed the token, and ``query``. Header names are in lower case.
    ``settings`` are the connection's. When a stored delivery is interpreted, ``body`` and ``headers`` are the stored,
    redacted ones. ``sender`` is the address it came from. ``received_at`` is also the clock that windows of signatures
    are measured by (see `is_fresh`).
    """

    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    path: str = ""
    query: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider awaits beside a 2xx: an echo at its handshake, or a fixed document such as TwiML."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
