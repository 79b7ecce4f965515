"""Events that automations publishes: what a rule did, and moments that have come."""

from datetime import datetime
from typing import ClassVar, Literal

from shared.contracts.event import Event


class RunFinished(Event):
    """One evaluation of a rule came to its end; ``reason`` names why it was skipped or failed."""

    type: ClassVar[str] = "automations.run.finished.v1"

    id: str
    rule: str
    rule_version: int
    record: str | None
    state: Literal["done", "skipped", "failed", "loop_stopped"]
    reason: str | None = None
    finished_at: datetime

    @property
    def aggregate(self) -> str:
        return self.id


class TimerFired(Event):
    """A timer came due; ``occurrence`` tells firings of one rule on one record apart."""

    type: ClassVar[str] = "automations.timer.fired.v1"

    id: str
    rule: str
    record: str
    occurrence: str
    due_at: datetime
    fired_at: datetime

    @property
    def aggregate(self) -> str:
        return self.id
