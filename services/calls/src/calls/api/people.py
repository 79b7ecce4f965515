"""What people tell beside the calls: which dispositions there are and what they mean; what marketing cost."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from calls.storage import people
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1", tags=["agents and numbers"])

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


class Spend(BaseModel):
    """What was paid for a source's calls from one day to another, both included."""

    model_config = ConfigDict(extra="forbid")

    start_on: date = Field(alias="from")
    end_on: date = Field(alias="to")
    source: Name
    campaign: Annotated[str, Field(max_length=200, pattern="^[^\0]*$")] = ""
    amount: Annotated[Decimal, Field(ge=0, max_digits=20, decimal_places=4)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_on < self.start_on:
            raise ValueError("the period must not end before it begins")
        return self


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


@router.get("/spend", summary="What marketing cost, by period, source and campaign")
async def all_spend(
    transaction: Tx,
    _reader: Reader,
    start: Annotated[date | None, Query(alias="from", description="Periods that reach to this day or later")] = None,
    end: Annotated[date | None, Query(alias="to", description="Periods that begin on this day or earlier")] = None,
    source: str | None = None,
) -> Page[Spend]:
    rows = await people.spending(transaction, start, end, source)
    return Page(items=[_spend(row) for row in rows])


@router.put("/spend", summary="Say what was spent; the newest word on a period, source and campaign counts")
async def put_spend(
    asked: Annotated[list[Spend], Field(max_length=1_000)], transaction: Tx, _admin: Admin
) -> Page[Spend]:
    await people.save_spending(transaction, [each.model_dump() | {"changed_at": transaction.now} for each in asked])
    return Page(items=asked)


def _spend(row: dict[str, object]) -> Spend:
    names = {"start_on": "from", "end_on": "to"}
    known = {names.get(name, name): row[name] for name in Spend.model_fields}
    return Spend.model_validate(known)
