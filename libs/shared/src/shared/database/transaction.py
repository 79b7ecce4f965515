"""One unit of work: a connection, its clock, who acts, and the events that leave with the commit."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import fastapi
import faststream
from sqlalchemy import CursorResult, Executable, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from shared import telemetry
from shared.contracts.event import Envelope, Event
from shared.database.tables import outbox


@dataclass
class Transaction:
    """What a use case is given. It never commits: the edge that opened it does.

    ``now`` is the database's clock at the start, in UTC. ``actor`` is ``user:<id>``, ``key:<id>``, ``rule:<id>`` or
    None for the system. ``depth``, ``causation`` and ``origin`` say how a chain of rules led here.
    """

    connection: AsyncConnection
    now: datetime
    actor: str | None = None
    depth: int = 0
    causation: str | None = None
    origin: tuple[str, ...] = ()
    _outgoing: list[dict[str, Any]] = field(default_factory=list)

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        return await self.connection.execute(statement, parameters)

    def publish(self, event: Event, *, id: str | None = None) -> None:  # noqa: A002 — CloudEvents' word
        """Let the event leave with this commit. Give an ``id`` only where the same fact may be told again."""
        traceparent = telemetry.traceparent()
        envelope = Envelope(
            id=id or str(uuid7()),
            source=f"/{event.type.split('.', 1)[0]}",
            type=event.type,
            subject=event.aggregate,
            time=self.now,
            traceparent=traceparent,
            actor=self.actor,
            depth=self.depth,
            causation=self.causation,
            origin=",".join(self.origin) or None,
            data=event.model_dump(mode="json"),
        )
        self._outgoing.append(
            {
                "event_id": envelope.id,
                "type": envelope.type,
                "aggregate": envelope.subject,
                "envelope": envelope.model_dump_json(exclude_none=True),
                "traceparent": traceparent,
            }
        )

    async def flush(self) -> None:
        """Write the waiting events into the outbox; called by whoever commits."""
        if self._outgoing:
            rows, self._outgoing = self._outgoing, []
            await self.connection.execute(insert(outbox), rows)


_current: ContextVar[Transaction] = ContextVar("transaction")


def enter(transaction: Transaction) -> None:
    """Make it the transaction of the request or event being handled."""
    _current.set(transaction)


async def current() -> Transaction:
    """The transaction of the request or event being handled."""
    return _current.get()


Tx = Annotated[Transaction, fastapi.Depends(current), faststream.Depends(current)]
