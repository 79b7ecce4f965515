"""Noting what is turned away at hooks: counted in memory, written down at leisure, so that strangers cost us little."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from calls.domain.connection import Connection
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.refusal import Refusal, why_refused


@dataclass
class Refusals:
    """Those nobody has written down yet, by connection. Of many in short succession only the first is looked into."""

    some: asyncio.Event = field(default_factory=asyncio.Event)
    _noted: dict[str, Refusal] = field(default_factory=dict)

    def note(self, connection: Connection, request: HookRequest) -> None:
        known = self._noted.get(connection.id)
        if known is None:
            reason = why_refused(providers()[connection.provider], request, connection.live_secrets)
            known = Refusal(connection.id, 0, request.received_at, reason)
        self._noted[connection.id] = replace(known, requests=known.requests + 1, at=request.received_at)
        self.some.set()

    def taken(self) -> Sequence[Refusal]:
        """They are counted anew from here on."""
        noted, self._noted = self._noted, {}
        self.some.clear()
        return list(noted.values())
