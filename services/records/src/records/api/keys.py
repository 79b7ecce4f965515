"""API keys."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, Field

from records.api.wire import REFUSALS, Body
from records.storage import keys
from records.usecases.create_key import create_key
from records.usecases.revoke_key import revoke_key
from shared.contracts.records import KeyChanged
from shared.database import Tx
from shared.http.authentication import Principal, Scope, requires
from shared.http.command import CommandRouter
from shared.http.cursors import place_in, text
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/keys", tags=["keys"], responses=REFUSALS)
MAY_ADMINISTER = Depends(requires("admin"))


class KeyIn(Body):
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$", examples=["Website"])]
    scopes: Annotated[list[Scope], Field(min_length=1, examples=[["read", "write"]])]
    user: Annotated[str | None, Field(description="The user who acts with this key")] = None
    expires_at: AwareDatetime | None = None


class KeyOut(Body):
    id: str
    name: str
    scopes: list[str]
    user: str | None
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: KeyChanged) -> Self:
        return cls.model_validate(key.model_dump(include=set(cls.model_fields)))


class NewKey(KeyOut):
    key: Annotated[str, Field(description="Shown this once; only its hash is kept", examples=["tl_…"])] = ""


@router.get("", dependencies=[MAY_ADMINISTER])
async def list_keys(transaction: Tx, limit: Limit = 100, cursor: Cursor = None) -> Page[KeyOut]:
    """All keys, revoked ones included; never the keys themselves."""
    found = await keys.page(transaction.connection, place_in(cursor, text), limit + 1)
    page, more = cut(found, limit, lambda key: key.id)
    return Page(items=[KeyOut.of(key) for key in page], next_cursor=more)


@router.post("", status_code=201)
async def add_key(
    body: KeyIn, transaction: Tx, response: Response, granter: Annotated[Principal, MAY_ADMINISTER]
) -> NewKey:
    """The key is in this answer and nowhere else. No key can give a scope that it lacks itself."""
    key, kept = await create_key(
        transaction, granter, name=body.name, scopes=body.scopes, user=body.user, expires_at=body.expires_at
    )
    response.headers["Cache-Control"] = "no-store"
    return NewKey(**KeyOut.of(kept).model_dump(), key=key)


@router.delete("/{key}", status_code=204, dependencies=[MAY_ADMINISTER])
async def remove_key(key: str, transaction: Tx) -> None:
    """By its id. It stops working here at once, in the other services within a moment."""
    await revoke_key(transaction, key)
