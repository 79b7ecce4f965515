"""Configuration as code: what a workspace is, as one file; what another file would change; and making it so."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from records.api.configured_projects import all_nouns
from records.api.wire import REFUSALS, Body
from records.dependencies import owners
from records.domain.configuration_file import File, read_file, write_file
from records.domain.plan import Plan
from records.gateways.owners import Owner
from records.usecases.configure_all import Wanted, apply_all, plan_all, read_all
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import requires
from shared.http.command import CommandRouter

router: APIRouter = CommandRouter(prefix="/v1/configuration", tags=["configuration"], responses=REFUSALS)
MAY_ADMINISTER = Depends(requires("admin"))
YAML = "application/yaml"
Owners = Annotated[Mapping[str, Owner], Depends(owners)]
Destroy = Annotated[bool, Query(description="Destroy what the file's nouns do not name; else it is kept")]
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
async def read_configuration(transaction: Tx, owners: Owners) -> Response:
    """The whole workspace as one file of YAML. Applying it changes nothing."""
    told = await read_all(transaction, all_nouns(), owners)
    return Response(write_file(told), media_type=YAML)


@router.post("/plan", dependencies=[MAY_ADMINISTER], openapi_extra=_FILE)
async def plan_configuration(request: Request, transaction: Tx, owners: Owners, *, destroy: Destroy = False) -> PlanOut:
    """What applying the file would change, with the number of records that this touches. Nothing is done."""
    file = await _file(request)
    try:
        return PlanOut.of(await plan_all(transaction, all_nouns(), owners, _wanted(file, destroy=destroy)))
    except Invalid as problem:
        raise _with_lines(problem, file) from problem


@router.post("/apply", dependencies=[MAY_ADMINISTER], openapi_extra=_FILE)
async def apply_configuration(
    request: Request,
    transaction: Tx,
    owners: Owners,
    *,
    destroy: Destroy = False,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> PlanOut:
    """Make it so; the answer is what was changed. All of it or nothing, and again is no harm.

    409 where something of it cannot be as things are; 503 names the services that have done their part already, where
    another one failed.
    """
    file = await _file(request)
    wanted = _wanted(file, destroy=destroy, request_key=f"apply:{idempotency_key or uuid7()}"[:200])
    try:
        return PlanOut.of(await apply_all(transaction, all_nouns(), owners, wanted))
    except Invalid as problem:
        raise _with_lines(problem, file) from problem


async def _file(request: Request) -> File:
    return await asyncio.to_thread(read_file, await request.body())


def _wanted(file: File, *, destroy: bool, request_key: str = "") -> Wanted:
    return Wanted(file.tree, destroy, request_key)


def _with_lines(problem: Invalid, file: File) -> Invalid:
    return Invalid(problem.detail, [file.at(each) for each in problem.errors])
