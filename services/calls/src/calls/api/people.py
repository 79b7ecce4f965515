"""Which dispositions there are, and what they mean."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from calls.storage import people
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1", tags=["dispositions"])

Reader = Annotated[Principal, Depends(requires("read"))]
Admin = Annotated[Principal, Depends(requires("admin"))]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\0]+$")]


class Disposition(BaseModel):
    """What choosing it says of a call, where nobody says otherwise of that call; null says nothing."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "Sold", "converted": True, "follow_up": False}}
    )

    name: Name
    converted: bool | None = None
    appointment: bool | None = None
    follow_up: bool | None = None


@router.get("/dispositions", summary="The dispositions agents choose from, and what they mean")
async def all_dispositions(transaction: Tx, _reader: Reader) -> Page[Disposition]:
    rows = await people.dispositions(transaction)
    names = Disposition.model_fields
    return Page(items=[Disposition(**{name: row[name] for name in names}) for row in rows])


@router.put("/dispositions", summary="Say which dispositions there are; without any, agents may write what they like")
async def put_dispositions(
    asked: Annotated[list[Disposition], Field(max_length=500)], transaction: Tx, _admin: Admin
) -> Page[Disposition]:
    """What they mean counts for calls that are told something new from now on."""
    names = [each.name for each in asked]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise Invalid.at(f"/{index}/name", f"'{name}' is there twice.")
    await people.replace_dispositions(transaction, [each.model_dump() for each in asked])
    return Page(items=asked)
