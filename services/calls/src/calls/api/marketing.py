"""Where calls come from: what tracking numbers stand for, the campaigns that show them, and what was spent."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from calls.domain.telephone import to_e164
from calls.storage import marketing
from calls.usecases.change_marketing import change_campaigns
from shared.contracts.calls import SpendChanged
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1", tags=["marketing"])

Reader = Annotated[Principal, Depends(requires("read"))]
Admin = Annotated[Principal, Depends(requires("admin"))]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\0]+$")]


class NumberSource(BaseModel):
    """What a tracking number stands for; null: for nothing any more."""

    model_config = ConfigDict(extra="forbid")

    number: str
    source: Name | None

    @field_validator("number")
    @classmethod
    def _e164(cls, spelled: str) -> str:
        return tracking_number(spelled)


class Campaign(BaseModel):
    """From one day to another, both included, its numbers are its own: calls to them then are its calls.

    They come from its ``source``, where the number itself stands for none.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "example": {
                "key": "spring",
                "name": "Spring brochure",
                "source": "brochure",
                "numbers": ["+442079460012"],
                "from": "2026-03-01",
                "to": "2026-05-31",
            }
        },
    )

    key: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]*$", max_length=63)]
    name: Name
    source: Name | None = None
    numbers: Annotated[list[str], Field(min_length=1, max_length=200)]
    start_on: date | None = Field(default=None, alias="from")
    end_on: date | None = Field(default=None, alias="to")

    @field_validator("numbers")
    @classmethod
    def _e164(cls, spelled: list[str]) -> list[str]:
        return [tracking_number(each) for each in spelled]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start_on and self.end_on and self.end_on < self.start_on:
            raise ValueError("the period must not end before it begins")
        return self


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


@router.get("/numbers", summary="What each tracking number stands for")
async def all_numbers(transaction: Tx, _reader: Reader) -> Page[NumberSource]:
    rows = await marketing.numbers(transaction)
    return Page(items=[NumberSource(number=row["number"], source=row["source"]) for row in rows])


@router.put("/numbers", summary="Say what tracking numbers stand for, for calls that begin from now on")
async def put_numbers(
    asked: Annotated[list[NumberSource], Field(max_length=1_000)], transaction: Tx, _admin: Admin
) -> Page[NumberSource]:
    """Calls before keep what the number stood for then; one that was never told of stood for this already."""
    await marketing.save_numbers(transaction, {each.number: each.source for each in asked})
    return Page(items=asked)


@router.get("/campaigns", summary="The campaigns and their numbers")
async def all_campaigns(transaction: Tx, _reader: Reader) -> Page[Campaign]:
    return Page(items=[campaign_of(row) for row in await marketing.campaigns(transaction)])


@router.put("/campaigns", summary="Say which campaigns there are")
async def put_campaigns(
    asked: Annotated[list[Campaign], Field(max_length=1_000)], request: Request, transaction: Tx, _admin: Admin
) -> Page[Campaign]:
    """Counts for calls that are told something new from now on, whenever they began."""
    keys = [each.key for each in asked]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise Invalid.at(f"/{index}/key", f"'{key}' is there twice.")
    zone = ZoneInfo(request.app.state.settings.timezone)
    await change_campaigns(transaction, [each.model_dump() for each in asked], zone)
    return Page(items=asked)


@router.get("/spend", summary="What marketing cost, by period, source and campaign")
async def all_spend(
    transaction: Tx,
    _reader: Reader,
    start: Annotated[date | None, Query(alias="from", description="Periods that reach to this day or later")] = None,
    end: Annotated[date | None, Query(alias="to", description="Periods that begin on this day or earlier")] = None,
    source: str | None = None,
) -> Page[Spend]:
    rows = await marketing.spending(transaction, start, end, source)
    return Page(items=[_spend(row) for row in rows])


@router.put("/spend", summary="Say what was spent; the newest word on a period, source and campaign counts")
async def put_spend(
    asked: Annotated[list[Spend], Field(max_length=1_000)], transaction: Tx, _admin: Admin
) -> Page[Spend]:
    for row in await marketing.save_spending(transaction, [each.model_dump() for each in asked]):
        transaction.publish(SpendChanged.model_validate(row))
    return Page(items=asked)


def tracking_number(spelled: str) -> str:
    number = to_e164(spelled)
    if number is None:
        raise ValueError("this is no telephone number with its country code, such as +12025550147")
    return number


def campaign_of(row: dict[str, Any]) -> Campaign:
    return Campaign(**{name: row[name] for name in Campaign.model_fields})


def _spend(row: dict[str, Any]) -> Spend:
    names = {"start_on": "from", "end_on": "to"}
    known = {names.get(name, name): row[name] for name in Spend.model_fields}
    return Spend.model_validate(known)
