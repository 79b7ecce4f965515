"""The buttons of records: fields without a value, for rules to wait for."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace
from records.usecases.press_button import press_button
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter

router: APIRouter = CommandRouter(prefix="/v1/records/{id}/buttons", tags=["records"], responses=REFUSALS)


class Press(Body):
    confirmed: Annotated[bool, Field(description="For a button with a soft confirmation")] = False
    phrase: Annotated[str | None, Field(description="For one with a hard confirmation", examples=["Ship it"])] = None


class Pressed(Body):
    record: str
    version: int


@router.post("/{field}", dependencies=[Depends(requires("write"))])
async def press(
    id: str,  # noqa: A002 — the path's word
    field: str,
    transaction: Tx,
    workspace: CurrentWorkspace,
    body: Press | None = None,
) -> Pressed:
    """Publishes `records.button.pressed.v1`. 422 where it is not confirmed as the field asks."""
    record = await press_button(transaction, workspace, id, field, (body or Press()).model_dump())
    return Pressed(record=record.id, version=record.version)
