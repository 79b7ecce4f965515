"""Tell people, in the app. E-mail is not built: the step says which channels it left out."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from automations.domain.action import Action, Context, Effect, Notice, Notices
from automations.domain.clause import Clause, Condition, Duration, Text
from automations.domain.messages import MESSAGES, Message
from automations.domain.people import members, named
from shared.contracts.records import ProjectChanged
from shared.errors import FieldError


class Team(Clause):
    team: str

    def users(self, context: Context) -> tuple[str, ...]:
        return tuple(each.id for each in members(context.users, self.team))


class Person(Clause):
    user: str

    def users(self, context: Context) -> tuple[str, ...]:
        user = named(context.users, self.user)
        return (user.id,) if user else ()


class Related(Clause):
    """Whoever has the records of project ``via`` that refer to this one; ``where`` narrows those."""

    via: str
    where: Condition | None = None
    user: Literal["assignee", "assignees"] = "assignee"

    def users(self, context: Context) -> tuple[str, ...]:
        referring = context.referencing.get(self.via, ())
        wanted = (each for each in referring if self.where is None or context.holds(self.where, each))
        return tuple(dict.fromkeys(user for each in wanted for user in each.assignees))


Channel = Literal["in_app", "email"]
Recipient = Literal["assignee", "assignees", "watchers"] | Team | Person | Related


class Notify(Action):
    """Each user hears of it once, however many of ``to`` they are in. Nobody watches records yet.

    ``exclude_actor`` leaves out whoever caused it. ``batch_window`` is read and not yet kept: each run tells by itself,
    and its step says so.
    """

    kind = "notify"
    needs_users = True

    to: Annotated[tuple[Recipient, ...], Field(min_length=1)]
    channels: tuple[Channel, ...] = ("in_app",)
    template: str | None = None
    title: Text | None = None
    body: Text = ""
    exclude_actor: bool = False
    batch_window: Duration | None = None

    @model_validator(mode="after")
    def _has_words(self) -> "Notify":
        if self.title is None and self.template is None:
            raise ValueError("a notification needs a template or a title")
        return self

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        del project
        if self.template is None or self.template in MESSAGES:
            return []
        return [FieldError("/template", f"There is no message '{self.template}'. There are {', '.join(MESSAGES)}.")]

    def reaches(self) -> dict[str, list[tuple[str, Condition]]]:
        found: dict[str, list[tuple[str, Condition]]] = {}
        for number, each in enumerate(self.to):
            if isinstance(each, Related):
                found.setdefault(each.via, []).extend([(f"/to/{number}/where", each.where)] if each.where else [])
        return found

    def problems_elsewhere(self, projects: Mapping[str, ProjectChanged]) -> list[FieldError]:
        return [
            FieldError(f"/to/{number}/via", f"There is no project '{each.via}'.")
            for number, each in enumerate(self.to)
            if isinstance(each, Related) and each.via not in projects
        ]

    def texts(self) -> dict[str, Text]:
        """Its own, or those of the message it names."""
        message = self._message()
        return {"/title": message.title, "/body": message.body}

    def effect(self, context: Context) -> Effect:
        if "in_app" not in self.channels:
            return Notices((), self._says(0))
        message, users = self._message(), self._users(context)
        told = (Notice(each, context.tell(message.title, each), context.tell(message.body, each)) for each in users)
        return Notices(tuple(told), self._says(len(users)))

    def _message(self) -> Message:
        if self.title is not None:
            return Message(self.title, self.body)
        return MESSAGES.get(self.template or "", Message("", ""))

    def _users(self, context: Context) -> tuple[str, ...]:
        found = dict.fromkeys(user for each in self.to for user in _users(each, context))
        if self.exclude_actor and context.actor:
            found.pop(context.actor, None)
        return tuple(found)

    def _says(self, count: int) -> str:
        left_out = [f"{each} is not built" for each in self.channels if each != "in_app"]
        if self.batch_window:
            left_out.append("batch_window is not built, so it was told at once")
        told = f"Notified {count} {'person' if count == 1 else 'people'} in the app."
        return f"{told} Left out: {'; '.join(left_out)}." if left_out else told


def _users(recipient: Recipient, context: Context) -> tuple[str, ...]:
    if isinstance(recipient, Team | Person | Related):
        return recipient.users(context)
    return () if recipient == "watchers" else tuple(context.record.assignees)
