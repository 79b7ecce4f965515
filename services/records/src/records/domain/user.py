"""A user of the workspace: someone records can be assigned to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from records.domain.fields.email import TYPE as EMAIL
from records.domain.moments import moment_of
from records.domain.schema_parts import Readers, checked_name
from records.domain.texts import text_of
from shared.contracts.records import UserChanged
from shared.errors import Conflict, Invalid, NotFound

MOST_WORDS = 100
LONGEST_WORD = 100
MOST_RECORDS = 1_000_000


class UserNotFound(NotFound):
    pass


class EmailTaken(Conflict):
    pass


@dataclass(frozen=True)
class User:
    """``teams`` and ``skills`` are words that rules assign work by; roles are given to teams, too.

    ``subject`` is who they are to the identity provider they sign in with. Rules that say so give no work to whoever
    is away until ``away_until``, or has ``capacity`` open records already (None: there is no end).
    """

    id: str
    name: str
    email: str
    created_at: datetime
    teams: Sequence[str] = ()
    skills: Sequence[str] = ()
    active: bool = True
    away_until: datetime | None = None
    capacity: int | None = None
    subject: str | None = None
    version: int = 1


def edited(user: User, given: Mapping[str, Any]) -> User:
    """The user with what the API's object says, at the same version. Raises `Invalid`."""
    readers: Readers = {
        "name": checked_name,
        "email": _email,
        "teams": _words,
        "skills": _words,
        "active": _flag,
        "away_until": _moment,
        "capacity": _capacity,
    }
    return replace(user, **{name: readers[name](value, f"/{name}") for name, value in given.items()})


def user_changed(user: User) -> UserChanged:
    return UserChanged(
        id=user.id,
        name=user.name,
        email=user.email,
        teams=list(user.teams),
        skills=list(user.skills),
        active=user.active,
        away_until=user.away_until,
        capacity=user.capacity,
        subject=user.subject,
        version=user.version,
    )


def _email(value: object, pointer: str) -> str:
    try:
        return EMAIL.parse(value, {})
    except Invalid as problem:
        raise Invalid.at(pointer, f"The e-mail address {problem.detail}") from problem


def _words(value: object, pointer: str) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > MOST_WORDS:
        raise Invalid.at(pointer, f"This is a list of at most {MOST_WORDS} words.")
    try:
        return list(dict.fromkeys(text_of(each, LONGEST_WORD) for each in value))
    except Invalid as problem:
        raise Invalid.at(pointer, f"A word {problem.detail}") from problem


def _moment(value: object, pointer: str) -> datetime | None:
    try:
        return None if value is None else moment_of(value)
    except Invalid as problem:
        raise Invalid.at(pointer, f"The moment {problem.detail}") from problem


def _capacity(value: object, pointer: str) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_RECORDS):
        raise Invalid.at(pointer, f"This is a whole number of records up to {MOST_RECORDS:,}, or null.")
    return value


def _flag(value: object, pointer: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid.at(pointer, "This is true or false.")
    return value
