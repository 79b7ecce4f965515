"""What every action answers. Each type is one file in `actions/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from automations.domain.part import Condition, Part, Text
from automations.domain.people import User
from shared.contracts.records import ProjectChanged, RecordSnapshot
from shared.errors import FieldError


@dataclass(frozen=True)
class Context:
    """What an action may know: the record as it is now, and what set the rule off.

    ``fill`` puts the values of the record into a text. ``holds`` says whether a condition does. ``actor`` is the user
    behind the event, where it was one. ``users`` is empty unless the action `needs_users`.
    """

    record: RecordSnapshot
    now: datetime
    fill: Callable[[Text], str]
    holds: Callable[[Condition], bool]
    users: tuple[User, ...] = ()
    actor: str | None = None


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
    """One of the candidates is to be chosen, fairly over time; ``then`` makes the command of the chosen one."""

    strategy: Literal["round_robin", "least_open_records"]
    pool: str
    candidates: tuple[str, ...]
    then: Callable[[str], Command]


@dataclass(frozen=True)
class Impossible:
    """The step fails, and says why."""

    says: str


Effect = Command | Nothing | Notices | Choice | Impossible


class Action(Part):
    """``when`` is a condition of this action alone."""

    needs_users: ClassVar[bool] = False

    type: str
    when: Condition | None = None

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        """What the project's schema does not bear out, pointing into the action."""
        del project
        return []

    def conditions(self) -> dict[str, Condition]:
        """The conditions inside, by their JSON pointer into the action."""
        return {"/when": self.when} if self.when else {}

    def texts(self) -> dict[str, Text]:
        """The texts with blanks inside, by their JSON pointer into the action."""
        return {}

    def effect(self, context: Context) -> Effect:
        raise NotImplementedError
