"""What one action of a run comes to, for the record as it is now. Pure: nothing is done here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from automations.domain.action import Action, Context, Effect, Impossible, OnOccurrence, Referencing
from automations.domain.calendar import Calendar
from automations.domain.clause import Condition, Text
from automations.domain.decide import Sight
from automations.domain.names import Facts, called, names
from automations.domain.people import User
from automations.domain.readers import Readers
from automations.domain.reading import condition
from automations.domain.texts import blanks, fill
from shared.contracts.records import RecordSnapshot
from shared.errors import Invalid


@dataclass(frozen=True)
class LeftOut:
    """The action's own condition did not hold."""

    says: str = "Its condition does not hold."


@dataclass(frozen=True)
class Scene:
    """Everything an action of a run is worked out from. ``project`` is the rule's, by key, or None for any."""

    project: str | None
    record: RecordSnapshot
    sight: Sight
    facts: Facts
    users: tuple[User, ...]
    language: str
    calendar: Calendar
    referencing: Referencing = field(default_factory=dict)
    readers: Readers = field(default_factory=Readers)

    def holds(self, written: Condition, other: RecordSnapshot | None = None) -> bool:
        """Of the record, or of another one."""
        project = other.project_key if other else self.project
        return self.sight.holds(condition(written, project, self.sight.workspace, "/when"), other or self.record)

    def agrees(self, when: OnOccurrence | Condition) -> bool:
        return when.holds(self.facts.occurrence) if isinstance(when, OnOccurrence) else self.holds(when)

    def fill(self, text: Text) -> str:
        return fill(text, self._names(blanks(text), lambda _field: True), self.language)

    def tell(self, text: Text, user: str | None) -> str:
        users = [each for each in self.users if user in (None, each.id)]
        shown = partial(self.readers.may_see, project=self.record.project_key, users=users)
        return fill(text, self._names(blanks(text), shown), self.language)

    @property
    def context(self) -> Context:
        return Context(
            record=self.record,
            now=self.sight.now,
            calendar=self.calendar,
            fill=self.fill,
            tell=self.tell,
            holds=self.holds,
            projects=self.sight.workspace.projects,
            users=self.users,
            actor=self.facts.user,
            referencing=self.referencing,
        )

    def _names(self, wanted: frozenset[str], shown: Callable[[str], bool]) -> Mapping[str, object]:
        record = self.record
        return names(
            record,
            self.sight.workspace.projects.get(record.project_key),
            self.facts,
            actor=called(self.facts.actor, {each.id: each.name for each in self.users}),
            value=lambda field: self.sight.value(field, record) if shown(field) else None,
            shows=shown,
            blanks=wanted,
        )


def effect_of(action: Action, scene: Scene) -> Effect | LeftOut:
    """A condition that no longer fits the project's schema makes the action impossible, and says so."""
    try:
        if action.when and not scene.agrees(action.when):
            return LeftOut()
        return action.effect(scene.context)
    except Invalid as error:
        return Impossible(error.detail)
