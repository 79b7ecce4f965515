"""How long things are kept: policies, tried and carried out as jobs."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace
from records.domain.retention import CREATED, JOB, Action, Retention, What, check_retention
from records.storage import retentions
from shared.database import Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Page
from shared.jobs import JobOut, add_job

router: APIRouter = CommandRouter(prefix="/v1/retentions", tags=["retentions"], responses=REFUSALS)
Administrator = Annotated[Principal, Depends(requires("admin"))]


class RetentionIn(Body):
    what: Annotated[What, Field(description="`records` of a project, or what comes in and goes out beside them")] = (
        "records"
    )
    project: Annotated[str | None, Field(description="Its key", examples=["customers"])] = None
    filter: Annotated[
        Mapping[str, Any] | None, Field(examples=[{"field": "list_category", "op": "eq", "value": "lost"}])
    ] = None
    since: Annotated[str, Field(description="The moment or date field that time counts from")] = CREATED
    after: Annotated[str, Field(description="A duration", examples=["P3Y"])]
    action: Annotated[
        Action,
        Field(
            description="`trash`: it can be restored for as long as the project keeps its trash. `anonymise`: numbers, "
            "dates, choices and stages stay for the charts. `erase`: in all four services, for ever"
        ),
    ]
    enabled: Annotated[bool, Field(description="Whether it runs by itself at night")] = True


class RetentionOut(RetentionIn):
    key: str


class RunIn(Body):
    dry_run: Annotated[bool, Field(description="Only count, and name some")] = True


@router.get("")
async def list_retentions(transaction: Tx, _caller: Administrator) -> Page[RetentionOut]:
    found = await retentions.every(transaction.connection)
    return Page(items=[RetentionOut.model_validate(vars(each)) for each in found])


@router.put("/{key}")
async def put_retention(
    key: str, body: RetentionIn, transaction: Tx, workspace: CurrentWorkspace, _caller: Administrator
) -> RetentionOut:
    """Make it, or make it so."""
    given = Retention(key, **body.model_dump())
    check_retention(given, workspace, transaction.now)
    await retentions.put(transaction.connection, given)
    return RetentionOut.model_validate(vars(given))


@router.delete("/{key}", status_code=204)
async def remove_retention(key: str, transaction: Tx, _caller: Administrator) -> None:
    await retentions.get(transaction.connection, key)
    await retentions.remove(transaction.connection, key)


@router.post("/{key}/run", status_code=202)
async def run(key: str, body: RunIn, transaction: Tx, caller: Administrator) -> JobOut:
    """Carry it out now, or with `dry_run` say what it would do. The job's result is the receipt."""
    await retentions.get(transaction.connection, key)
    return JobOut.of(await add_job(transaction, JOB, {"retention": key, "dry_run": body.dry_run}, key=caller.key_id))
