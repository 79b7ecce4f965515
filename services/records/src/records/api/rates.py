"""Exchange rates: data that somebody loads, dated, and never guessed."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from records.api.wire import REFUSALS
from records.domain.decimals import canonical
from records.domain.rate import Rate
from records.storage import rates
from records.usecases.put_rates import put_rates
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.cursors import place_in, text
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/rates", tags=["rates"], responses=REFUSALS)
MAY_READ, MAY_ADMINISTER = Depends(requires("read")), Depends(requires("admin"))
MOST_RATES = 5_000


class RateBody(BaseModel):
    """From that day on, one unit of `from` is worth `rate` of `to`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    date: Annotated[str, Field(examples=["2026-01-31"])]
    source: Annotated[str, Field(alias="from", examples=["USD"])]
    target: Annotated[str, Field(alias="to", examples=["EUR"])]
    rate: Annotated[Any, Field(description="A decimal as text, at most ten digits after the point", examples=["0.9"])]


class Loaded(BaseModel):
    changed: Annotated[int, Field(description="How many were new or different")]


@router.get("", dependencies=[MAY_READ])
async def list_rates(
    transaction: Tx,
    limit: Limit = 100,
    cursor: Cursor = None,
    source: Annotated[str | None, Query(alias="from", description="A currency")] = None,
    target: Annotated[str | None, Query(alias="to", description="A currency")] = None,
) -> Page[RateBody]:
    """By pair, then by day."""
    found = await rates.page(transaction.connection, place_in(cursor, text, text, text), limit + 1, (source, target))
    page, more = cut(found, limit, lambda each: (each.source, each.target, each.date))
    return Page(items=[_shown(each) for each in page], next_cursor=more)


@router.put("", dependencies=[MAY_ADMINISTER])
async def load_rates(body: Annotated[list[RateBody], Body(max_length=MOST_RATES)], transaction: Tx) -> Loaded:
    """Put rates in place: those of the same pair and day are replaced, the others stay.

    An amount counts in the base currency at the latest rate up to the day its record was made, in the workspace's
    time zone: that of the pair itself or, where it has none that early, of the inverse pair. Without one it is empty.
    """
    changed = await put_rates(transaction, [each.model_dump(by_alias=True) for each in body])
    return Loaded(changed=len(changed))


def _shown(rate: Rate) -> RateBody:
    return RateBody(date=rate.date, source=rate.source, target=rate.target, rate=canonical(rate.rate))
