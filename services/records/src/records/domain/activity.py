"""What happens on a record: calls, comments, tasks, notes, e-mails."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast, get_args
from uuid import UUID, uuid5

from records.domain.identifiers import identifier_of
from records.domain.moments import moment_of, moment_text
from records.domain.texts import text_of
from shared.contracts import records as contracts
from shared.contracts.calls import CallSnapshot
from shared.errors import Invalid, NotFound

_NAMESPACE = UUID("0c1d6f5e-52c3-4c0e-8a37-1f3b8f0d2e61")
LONGEST_BODY = 20_000

# What people and rules may write down; calls are logged from the bus, moves by moving.
Writable = Literal["comment", "note", "task", "email"]
ActivityType = Literal["call", "email", "comment", "task", "note", "move"]
# Work that was done on a record puts off the reminder that nothing happens there; a plan or a remark does not.
_IS_WORK = frozenset({"call", "email", "comment"})


class ActivityNotFound(NotFound):
    pass


@dataclass(frozen=True)
class Activity:
    """``call`` is the whole call, of a ``call``; ``assignee``, ``due_at`` and ``done_at`` are a task's.

    ``mentions`` are the ids of the users that its text names with an @.
    """

    id: str
    record_id: str
    type: ActivityType
    at: datetime
    actor: str | None = None
    body: str | None = None
    assignee: str | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    call: CallSnapshot | None = None
    mentions: Sequence[str] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def is_work(self) -> bool:
        return self.type in _IS_WORK

    @property
    def snapshot(self) -> contracts.Activity:
        return contracts.Activity.model_validate(vars(self))


def call_activity(call: CallSnapshot, record_id: str, now: datetime) -> Activity:
    """The one activity of a call, whoever tells of it and however often: its id is made of the call's."""
    at = call.ended_at or call.answered_at or call.started_at or now
    actor = f"call:{call.id}"
    return Activity(call_activity_id(call.id), record_id, "call", at, actor=actor, call=call)


def call_activity_id(call_id: str) -> str:
    return str(uuid5(_NAMESPACE, call_id))


def written_activity(
    given: Mapping[str, Any], activity_id: str, record_id: str, actor: str | None, now: datetime
) -> Activity:
    """An activity from the API's object. Raises `Invalid`."""
    kind = given.get("type")
    if kind not in get_args(Writable):
        raise Invalid.at("/type", f"An activity is one of {', '.join(get_args(Writable))}.")
    blank = Activity(activity_id, record_id, cast("Writable", kind), now, actor=actor)
    activity = edited(blank, {name: value for name, value in given.items() if name != "type"}, now)
    if not activity.body:
        raise Invalid.at("/body", "An activity has a text.")
    return activity


def edited(activity: Activity, given: Mapping[str, Any], now: datetime) -> Activity:
    """The activity with what the API's object says. ``done`` completes a task, or opens it again."""
    if activity.type != "task":
        for name in ("assignee", "due_at", "done"):
            if given.get(name) is not None:
                raise Invalid.at(f"/{name}", f"Only a task has '{name}'.")
    changes: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in given:
            try:
                changes[name] = read(given[name])
            except Invalid as problem:
                raise Invalid.at(f"/{name}", f"'{name}' {problem.detail}") from problem
    if changes.get("at") and changes["at"] > now:
        raise Invalid.at("/at", "What happened lies not in the future; plan it as a task.")
    if given.get("done") is not None:
        changes["done_at"] = (activity.done_at or now) if given["done"] else None
    return replace(activity, **changes)


def changes_of(before: Activity, after: Activity | None) -> dict[str, Any]:
    """What differs, as the history keeps it: ``{"before", "after"}`` by part, and whose they are."""
    old, new = _told(before), _told(after) if after else {}
    changed = {name: {"before": old[name], "after": new.get(name)} for name in old if old[name] != new.get(name)}
    return {"activity": {"before": before.id, "after": after.id if after else None}} | changed


def _told(activity: Activity) -> dict[str, Any]:
    values = {name: getattr(activity, name) for name in (*_READERS, "done_at")}
    return {name: moment_text(each) if isinstance(each, datetime) else each for name, each in values.items()}


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "at": moment_of,
    "body": lambda value: text_of(value, LONGEST_BODY, lines=True),
    "assignee": lambda value: None if value is None else identifier_of(value, "a user's id"),
    "due_at": lambda value: None if value is None else moment_of(value),
}
