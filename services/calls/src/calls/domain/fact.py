"""What was said about a call, kept for ever: the call is derived from the set of its facts, never edited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

# In the order in which facts of one and the same second must have happened: providers' clocks tick in seconds.
Kind = Literal[
    "created",
    "ivr_left",
    "queued",
    "ringing",
    "declined",
    "unqueued",
    "answered",
    "resumed",
    "held",
    "transferred",
    "ended",
    "noted",
    "wrap_up_started",
    "wrap_up_ended",
    "availability",
]
RANK = {kind: rank for rank, kind in enumerate(get_args(Kind))}

# Whom a fact is about: a call by the provider's id; a call by another name it will turn out to have; an agent between
# calls: availability, and wrap-up, which is joined to the call that ended before it; or the number of somebody outside,
# which is joined to the call they were in.
Scope = Literal["call", "alias", "agent", "contact"]
# What is told of somebody so long after they were in a call is of that call.
AFTERMATH = timedelta(minutes=30)


# How the key begins of what somebody said here, and no provider.
SAID_HERE = "said/"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing said about a call, in our words.

    ``at`` is the provider's time (the time of receipt where it gives none). ``values`` are JSON, named as the fields
    of `Call` they speak of; times in it are RFC 3339. A value that is absent says nothing, one that is null clears.
    ``key`` is unique within a connection and derived from the delivery, so that a repeat is the same fact.
    ``aliases`` are other names of the same call: a call known by one of them until now is this one. Where ``values``
    have a ``leg``, the kind is of that leg (see `calls.domain.legs`).
    """

    subject: str
    kind: Kind
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    scope: Scope = "call"
    key: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def agents(self) -> list[Mapping[str, Any]]:
        """Everyone of ours it names."""
        named = [self.values.get("agent"), self.values.get("rung"), (self.values.get("leg") or {}).get("agent")]
        return [each for each in named if each]

    @property
    def order(self) -> tuple[datetime, int, int, str]:
        """Provider's time, its own number, the course of a call, then anything that is the same each time."""
        counted: int = (self.values.get("leg") or {}).get("sequence", 0)
        return (self.at, counted, RANK[self.kind], self.key)
