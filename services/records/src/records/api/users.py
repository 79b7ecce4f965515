"""Users: whom records can be assigned to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.domain.identifiers import is_identifier
from records.domain.user import User, UserNotFound
from records.storage import users
from records.usecases import create_user
from shared.database import Tx
from shared.errors import Forbidden
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.etag import set_etag
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/users", tags=["users"], responses=REFUSALS)
MAY_READ, MAY_ADMINISTER = Depends(requires("read")), Depends(requires("admin"))
Reader = Annotated[Principal, MAY_READ]
Moment = Annotated[str | None, Field(description="Out of office until then", json_schema_extra={"format": "date-time"})]
Capacity = Annotated[int | None, Field(description="So many open records are enough; null: there is no end", ge=0)]
Words = Annotated[Sequence[str], Field(description="Words by which rules assign work")]


class UserIn(Body):
    name: Annotated[str, Field(examples=["Jo de Vries"])]
    email: Annotated[str, Field(examples=["jo@example.com"])]
    teams: Annotated[Words, Field(examples=[["sales"]])] = ()
    skills: Annotated[Words, Field(examples=[["north"]])] = ()
    active: bool = True
    away_until: Moment = None
    capacity: Capacity = None


class UserChange(Body):
    name: str = ""
    email: str = ""
    teams: Words = ()
    skills: Words = ()
    active: bool = True
    away_until: Moment = None
    capacity: Capacity = None


class UserOut(Body):
    id: str
    name: str
    email: str
    teams: list[str]
    skills: list[str]
    active: bool
    away_until: datetime | None
    capacity: int | None
    version: int

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.model_validate(user, from_attributes=True)


@router.get("", dependencies=[MAY_READ])
async def list_users(transaction: Tx, limit: Limit = 100, cursor: Cursor = None) -> Page[UserOut]:
    found = await users.page(transaction.connection, place_in(cursor, identifier), limit + 1)
    page, more = cut(found, limit, lambda user: user.id)
    return Page(items=[UserOut.of(user) for user in page], next_cursor=more)


@router.post("", status_code=201)
async def add_user(body: UserIn, transaction: Tx, response: Response, caller: Reader) -> UserOut:
    """For administrators and for whom a role lets invite: those into no other teams than their own.

    409 where another user has the e-mail address.
    """
    if not caller.policy.may("invite") or not caller.scopes & {"write", "admin"}:
        raise Forbidden("You lack the scope 'admin', or a role that lets you invite people.")
    if "admin" not in caller.scopes:
        await create_user.check_teams(transaction, caller.user, body.teams)
    user = await create_user.create_user(transaction, body.given())
    set_etag(response, user.version)
    return UserOut.of(user)


@router.get("/{user}", dependencies=[MAY_READ])
async def read_user(user: str, transaction: Tx, response: Response) -> UserOut:
    found = await users.find(transaction.connection, user) if is_identifier(user) else None
    if found is None:
        raise UserNotFound(f"There is no user '{user}'.")
    set_etag(response, found.version)
    return UserOut.of(found)


@router.patch("/{user}", dependencies=[MAY_ADMINISTER])
async def change_user(user: str, body: UserChange, transaction: Tx, response: Response) -> UserOut:
    """What is left out stays. An inactive user is given no new work."""
    changed = await create_user.update_user(transaction, user, body.given())
    set_etag(response, changed.version)
    return UserOut.of(changed)
