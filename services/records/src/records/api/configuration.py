"""Configuration as code: what a workspace is, as one file; what another file would change; and making it so."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from records.api.configured_projects import all_nouns
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import Peers
from records.domain.configuration_file import write_file
from records.domain.plan import Plan
from records.usecases.configure_all import Wanted, apply_all, plan_all, read_all, start
from records.usecases.read_configuration import Given, read_configuration
from shared.database import Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.jobs import JobOut

router: APIRouter = CommandRouter(prefix="/v1/configuration", tags=["configuration"], responses=REFUSALS)
MAY_ADMINISTER = Depends(requires("admin"))
YAML = "application/yaml"
EXAMPLE = """projects:
  - key: customers
    name: Customers
    lists: [{key: all, name: All, category: neutral}]
    fields: [{key: email, name: Email, type: email}]
"""
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {YAML: {"schema": {"type": "object"}, "example": EXAMPLE}},
    }
}


class Asked(Body):
    destroy: Annotated[bool, Field(description="Destroy what the file's nouns do not name; else it is kept")] = False
    variant: Annotated[str | None, Field(description="Of a template; null: its default")] = None
    language: Annotated[Literal["en", "nl"], Field(description="Of a template")] = "en"


class Apply(Asked):
    wait: Annotated[bool, Field(description="False: a job does it")] = True


class DifferenceOut(Body):
    pointer: Annotated[str, Field(description="Within the item", examples=["/config/min"])]
    before: Any
    after: Any


class CreatedOut(Body):
    item: Annotated[str, Field(examples=["projects/customers/fields/email"])]
    after: Mapping[str, Any]


class ChangedOut(Body):
    item: str
    differences: Sequence[DifferenceOut]
    records: Annotated[int, Field(description="How many hold a value of it, or stand in it")]


class DestroyedOut(Body):
    item: str
    before: Mapping[str, Any]
    records: int


class KeptOut(Body):
    """It is there and the file does not name it."""

    item: str
    records: int


class SkippedPart(Body):
    pointer: Annotated[str, Field(description="The part's place in the file")]
    reason: str


class RefusedOut(Body):
    """It cannot be done as things are, so that the file cannot be applied."""

    item: str
    reason: str


class PlanOut(Body):
    creates: Sequence[CreatedOut]
    changes: Sequence[ChangedOut]
    destroys: Sequence[DestroyedOut]
    kept: Sequence[KeptOut]
    skipped: Sequence[SkippedPart]
    refused: Sequence[RefusedOut]
    unchanged: int

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        return cls.model_validate(plan, from_attributes=True)


@router.get("", dependencies=[MAY_ADMINISTER], response_class=Response, responses={200: {"content": {YAML: {}}}})
async def whole_configuration(transaction: Tx, peers: Peers) -> Response:
    """The whole workspace as one file of YAML. Applying it changes nothing."""
    told = await read_all(transaction, all_nouns(), peers)
    return Response(write_file(told), media_type=YAML)


@router.post("/plan", dependencies=[MAY_ADMINISTER], openapi_extra=_FILE)
async def plan_configuration(
    request: Request, transaction: Tx, peers: Peers, asked: Annotated[Asked, Query()]
) -> PlanOut:
    """What applying the file would change, with the number of records that this touches. Nothing is done."""
    given = await _given(request, asked)
    wanted = Wanted(given.read.configuration, asked.destroy)
    with given.placing():
        return PlanOut.of(given.told(await plan_all(transaction, all_nouns(), peers, wanted)))


@router.post(
    "/apply",
    dependencies=[MAY_ADMINISTER],
    openapi_extra=_FILE,
    response_model=PlanOut,
    responses={202: {"model": JobOut, "description": "With `wait=false`: what is changed is the job's result"}},
)
async def apply_configuration(
    request: Request,
    transaction: Tx,
    caller: Annotated[Principal, MAY_ADMINISTER],
    peers: Peers,
    asked: Annotated[Apply, Query()],
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response | PlanOut:
    """Make it so; the answer is what was changed. All of it or nothing, and again is no harm.

    409 where something of it cannot be as things are; 503 names the services that have done their part already, where
    another one failed.
    """
    given = await _given(request, asked)
    if not asked.wait:
        job = await start(transaction, caller.key_id, await request.body(), asked.model_dump(exclude={"wait"}))
        return answer(JobOut.of(job).model_dump(mode="json"), 202)
    wanted = Wanted(given.read.configuration, asked.destroy, f"apply:{idempotency_key or uuid7()}"[:200])
    with given.placing():
        return PlanOut.of(given.told(await apply_all(transaction, all_nouns(), peers, wanted)))


async def _given(request: Request, asked: Asked) -> Given:
    return await asyncio.to_thread(read_configuration, await request.body(), asked.variant, asked.language)
