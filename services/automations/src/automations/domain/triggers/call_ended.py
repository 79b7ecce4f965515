"""A call came to its end and was logged on the record that owns the number. Never the bare call, so nothing races."""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from automations.domain.clause import Keys
from automations.domain.happening import Happening
from automations.domain.rules import RuleSettings
from automations.domain.trigger import EventTrigger
from shared.contracts.calls import CallSnapshot, Direction, Outcome
from shared.contracts.records import ActivityLogged

# A call that ended earlier is history: a backfill, a demo, a provider's late delivery.
FRESH = timedelta(hours=24)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class CallEnded(EventTrigger):
    """``direction``, ``outcome``, ``queue`` and ``agent`` narrow it; each a value or a list of them."""

    kind = "call.ended"
    events: ClassVar[tuple[str, ...]] = (ActivityLogged.type,)
    seeks_target: ClassVar[bool] = True

    direction: Annotated[tuple[Direction, ...], BeforeValidator(_listed)] | None = None
    outcome: Annotated[tuple[Outcome, ...], BeforeValidator(_listed)] | None = None
    queue: Keys | None = None
    agent: Keys | None = None

    def matches(self, happening: Happening) -> bool:
        call = happening.activity.call if happening.activity else None
        return call is not None and all(wanted is None or actual in wanted for wanted, actual in self._narrowed(call))

    def _narrowed(self, call: CallSnapshot) -> tuple[tuple[tuple[str, ...] | None, str | None], ...]:
        return (
            (self.direction, call.direction),
            (self.outcome, call.outcome),
            (self.queue, call.queue),
            (self.agent, call.agent),
        )

    def ignores(self, happening: Happening, settings: RuleSettings, now: datetime) -> str | None:
        call = happening.activity.call if happening.activity else None
        ended_at = (call and call.ended_at) or happening.at
        return "history" if now - ended_at > FRESH and not settings.run_on_history else None
