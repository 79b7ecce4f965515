"""What an event tells a rule: one shape for everything the bus says about a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts.records import (
    Activity,
    ActivityLogged,
    ButtonPressed,
    Change,
    ConsentChanged,
    FormSubmitted,
    RecordEvent,
    RecordMoved,
    RecordSnapshot,
)

RecordFact = RecordEvent | ActivityLogged | FormSubmitted | ButtonPressed | ConsentChanged


@dataclass(frozen=True)
class Happening:
    """``depth`` counts the rules between this event and a person; ``origin`` names them, oldest first."""

    event_id: str
    type: str
    record: RecordSnapshot
    changes: Mapping[str, Change] = field(default_factory=dict)
    from_list: str | None = None
    to_list: str | None = None
    activity: Activity | None = None
    form: str | None = None
    button: str | None = None
    consent: ConsentChanged | None = None
    actor: str | None = None
    depth: int = 0
    origin: tuple[str, ...] = ()

    @property
    def by_rule(self) -> bool:
        """Whether an automation caused it, at whatever distance."""
        return self.depth > 0

    @property
    def at(self) -> datetime:
        return self.activity.at if self.activity else self.record.updated_at


def happening_of(
    event: RecordFact, event_id: str, *, actor: str | None = None, depth: int = 0, origin: tuple[str, ...] = ()
) -> Happening:
    if isinstance(event, ActivityLogged):
        who = event.activity.actor or actor
        return Happening(
            event_id, event.type, event.record, activity=event.activity, actor=who, depth=depth, origin=origin
        )
    if isinstance(event, FormSubmitted):
        return Happening(event_id, event.type, event.record, form=event.form, actor=actor, depth=depth, origin=origin)
    if isinstance(event, ButtonPressed):
        who = event.actor or actor
        return Happening(event_id, event.type, event.record, button=event.field, actor=who, depth=depth, origin=origin)
    if isinstance(event, ConsentChanged):
        who = event.actor or actor
        return Happening(event_id, event.type, event.record, consent=event, actor=who, depth=depth, origin=origin)
    moved = event if isinstance(event, RecordMoved) else None
    return Happening(
        event_id,
        event.type,
        event.record,
        changes=event.changes,
        from_list=moved.from_list if moved else None,
        to_list=moved.to_list if moved else None,
        actor=event.actor or actor,
        depth=depth,
        origin=origin,
    )
