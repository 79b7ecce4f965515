"""The options of a field, each by itself."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from pydantic import Field

from records.api.wire import REFUSALS, Body, Order
from records.usecases import change_options
from shared.database import Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Page
from shared.jobs import JobOut

router: APIRouter = CommandRouter(tags=["schema"], responses=REFUSALS)
OPTIONS = "/v1/projects/{project}/fields/{field}/options"
MAY_ADMINISTER = Depends(requires("admin"))
Administrator = Annotated[Principal, MAY_ADMINISTER]


class OptionChange(Body):
    name: str = ""
    color: str | None = None
    archived: Annotated[bool, Field(description="Shown where it was chosen, and not chosen any more")] = False


class OptionIn(OptionChange):
    key: Annotated[str | None, Field(description="Made of the name, if not given")] = None
    name: Annotated[str, Field(examples=["Trade show"])]


class OptionOut(Body):
    key: str
    name: str
    color: str | None
    archived: bool

    @classmethod
    def of(cls, option: Mapping[str, Any]) -> Self:
        return cls.model_validate({"color": None, "archived": False} | dict(option))


class Merge(Body):
    into: Annotated[str, Field(description="The key of the one that stays", examples=["trade_show"])]


@router.post(OPTIONS, status_code=201, dependencies=[MAY_ADMINISTER])
async def add_option(project: str, field: str, body: OptionIn, transaction: Tx) -> OptionOut:
    """409 where the options are those of a value list; so with all that changes them."""
    return OptionOut.of(await change_options.add_option(transaction, project, field, body.given()))


@router.post(f"{OPTIONS}/sort", dependencies=[MAY_ADMINISTER])
async def sort_options(project: str, field: str, body: Order, transaction: Tx) -> Page[OptionOut]:
    options: Sequence[Any] = await change_options.sort_options(transaction, project, field, body.keys)
    return Page(items=[OptionOut.of(each) for each in options])


@router.patch(f"{OPTIONS}/{{key}}", dependencies=[MAY_ADMINISTER])
async def change_option(project: str, field: str, key: str, body: OptionChange, transaction: Tx) -> OptionOut:
    """What is left out stays; the key never changes, so no record does."""
    return OptionOut.of(await change_options.change_option(transaction, project, field, key, body.given()))


@router.delete(f"{OPTIONS}/{{key}}", status_code=204, dependencies=[MAY_ADMINISTER])
async def remove_option(project: str, field: str, key: str, transaction: Tx) -> None:
    """409 with their number while records have it."""
    await change_options.remove_option(transaction, project, field, key)


@router.post(f"{OPTIONS}/{{key}}/merge", status_code=202)
async def merge_option(
    project: str, field: str, key: str, body: Merge, transaction: Tx, caller: Administrator
) -> JobOut:
    """Archives it, and writes `into` into all records that have it, each a version. A default follows at once.

    The job's result at `/v1/jobs/records/{id}` has `changed`, and in `named` the fields whose filters still name it.
    """
    return JobOut.of(await change_options.merge_options(transaction, caller, project, field, key, body.into))


@router.post("/v1/projects/{project}/tags/{key}/merge", status_code=202)
async def merge_tag(project: str, key: str, body: Merge, transaction: Tx, caller: Administrator) -> JobOut:
    """Writes `into` onto all records that carry it; then it is removed (`kept` while records in the trash have it)."""
    return JobOut.of(await change_options.merge_tags(transaction, caller, project, key, body.into))
