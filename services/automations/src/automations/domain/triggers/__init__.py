"""The trigger types: each file here is one, found by its name in the rule. A new file is the whole change."""

from automations.domain.clauses import collect
from automations.domain.trigger import EventTrigger, TimerTrigger, Trigger

TYPES: dict[str, type[Trigger]] = collect(__path__, __name__, Trigger)
EVENT_TYPES = {kind: each for kind, each in TYPES.items() if issubclass(each, EventTrigger)}
TIMER_TYPES = {kind: each for kind, each in TYPES.items() if issubclass(each, TimerTrigger)}
