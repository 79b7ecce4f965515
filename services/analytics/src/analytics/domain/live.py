"""What goes on right now: calls waiting, calls in talk, calls ended today. Held in memory, fed by every snapshot."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Status = Literal["ringing", "answered", "ended"]
# A call nobody ended for so long was lost by its provider.
LONGEST_CALL = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """As much of a call's version as the board needs."""

    id: str
    version: int
    status: Status
    arrived_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    waiting: int
    talking: int
    ended_today: int
    longest_wait_s: float | None


@dataclass
class Board:
    """Order-free: of each call the highest version counts."""

    zone: ZoneInfo
    _calls: dict[str, Glimpse] = field(default_factory=dict)

    def see(self, glimpses: Iterable[Glimpse]) -> None:
        for each in glimpses:
            known = self._calls.get(each.id)
            if known is None or known.version <= each.version:
                self._calls[each.id] = each

    def counts(self, now: datetime) -> Counts:
        """The state at ``now``; forgets what has passed by."""
        self._calls = {each.id: each for each in self._calls.values() if self._matters(each, now)}
        waiting = [each.arrived_at for each in self._calls.values() if each.status == "ringing"]
        return Counts(
            waiting=len(waiting),
            talking=sum(each.status == "answered" for each in self._calls.values()),
            ended_today=sum(each.status == "ended" for each in self._calls.values()),
            longest_wait_s=max(0.0, (now - min(waiting)).total_seconds()) if waiting else None,
        )

    def _matters(self, call: Glimpse, now: datetime) -> bool:
        if call.status != "ended":
            return now - call.arrived_at < LONGEST_CALL
        ended = call.ended_at or call.arrived_at
        return ended.astimezone(self.zone).date() >= now.astimezone(self.zone).date()


def start_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Midnight, where the workspace is."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
