"""What every action answers. Each type is one file in `actions/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from automations.domain.calendar import Calendar
from automations.domain.clause import Clause, Condition, Text
from automations.domain.people import User
from shared.contracts.records import ProjectChanged, RecordSnapshot
from shared.errors import FieldError

Referencing = Mapping[str, tuple[RecordSnapshot, ...]]


@dataclass(frozen=True)
class Context:
    """What an action may know: the record as it is now, and what set the rule off.

    ``fill`` puts the values of the record into a text; ``tell`` only those that the user of this id may see, or
    without one, everybody who reads the record. ``holds`` says whether a condition does, of the record or of
    another. ``actor`` is the user behind the event, where it was one. ``users`` is empty unless the action
    `needs_users`; ``referencing`` holds, by project, the records that refer to this one, of `Action.reaches`.
    """

    record: RecordSnapshot
    now: datetime
    calendar: Calendar
    fill: Callable[[Text], str]
    tell: Callable[[Text, str | None], str]
    holds: Callable[[Condition, RecordSnapshot | None], bool]
    projects: Mapping[str, ProjectChanged]
    users: tuple[User, ...] = ()
    actor: str | None = None
    referencing: Referencing = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """A request to records; ``says`` is what the step shows when it is answered."""

    method: Literal["POST", "PATCH", "DELETE"]
    path: str
    body: Mapping[str, Any]
    says: str


@dataclass(frozen=True)
class Nothing:
    """The step is done without an effect, and says why."""

    says: str


@dataclass(frozen=True)
class Notice:
    user: str
    title: str
    body: str


@dataclass(frozen=True)
class Notices:
    """Rows for people to read in the app."""

    notices: tuple[Notice, ...]
    says: str


@dataclass(frozen=True)
class Choice:
    """One of the candidates is to be chosen, fairly over time; ``then`` makes the command of the chosen one.

    Who has as many open records as ``capacity`` allows is passed over; ``otherwise`` is what to do if all have.
    """

    strategy: Literal["round_robin", "least_open_records"]
    pool: str
    candidates: tuple[str, ...]
    then: Callable[[str], Command]
    otherwise: "Effect"
    capacity: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Impossible:
    """The step fails, and says why."""

    says: str


Effect = Command | Nothing | Notices | Choice | Impossible


class Bounds(Clause):
    gte: int = Field(default=1, ge=1)
    lte: int | None = Field(default=None, ge=1)


class OnOccurrence(Clause):
    """Only at some firings of a timer that repeats: ``{"occurrence": {"gte": 2}}``. An event counts as the first."""

    occurrence: Bounds

    def holds(self, number: int | None) -> bool:
        given = number or 1
        return given >= self.occurrence.gte and (self.occurrence.lte is None or given <= self.occurrence.lte)


class Action(Clause):
    """``when`` is a condition of this action alone."""

    needs_users: ClassVar[bool] = False

    type: str
    when: Annotated[OnOccurrence | Condition, Field(union_mode="left_to_right")] | None = None

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        """What the project's schema does not bear out, pointing into the action."""
        del project
        return []

    def problems_elsewhere(self, projects: Mapping[str, ProjectChanged]) -> list[FieldError]:
        """What the schemas of other projects do not bear out, pointing into the action."""
        del projects
        return []

    def reaches(self) -> dict[str, list[tuple[str, Condition]]]:
        """The projects whose records referring to this one it looks at, with conditions on them and their place."""
        return {}

    def conditions(self) -> dict[str, Condition]:
        """The conditions inside, by their JSON pointer into the action."""
        return {"/when": self.when} if isinstance(self.when, dict) else {}

    def texts(self) -> dict[str, Text]:
        """The texts with blanks inside, by their JSON pointer into the action."""
        return {}

    def effect(self, context: Context) -> Effect:
        raise NotImplementedError
