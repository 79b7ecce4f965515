"""Whose number is this?"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from records.api.present import RecordOut, present
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.phones import readings
from records.storage import phones, records
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import requires
from shared.http.command import CommandRouter

router: APIRouter = CommandRouter(prefix="/v1/phone-matches", tags=["records"], responses=REFUSALS)


class Matches(Body):
    """`candidates` are all records with the number, `primary` (where calls are logged) the first of them."""

    primary: RecordOut | None
    candidates: Sequence[RecordOut]


@router.get("", response_model=Matches, dependencies=[Depends(requires("read"))])
async def match_phone(
    number: Annotated[str, Query(max_length=60, description="In any writing", examples=["+31 20 123 4567"])],
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """A number written without its country is read as in the regions of the telephone fields."""
    wanted = readings(_written(number), workspace.phone_regions)
    if not wanted:
        raise Invalid.at("/number", "This is no possible telephone number.")
    ids = await phones.owners(transaction.connection, workspace, wanted)
    found = workspace.shown(await records.find(transaction.connection, ids))
    matches = await present(
        transaction, workspace, [found[each] for each in ids if each in found][: phones.MOST_CANDIDATES]
    )
    return answer({"primary": matches[0] if matches else None, "candidates": matches})


def _written(number: str) -> str:
    """A plus sign that was not encoded arrives as a blank."""
    return f"+{number.strip()}" if number.startswith(" ") and number.strip()[:1].isdigit() else number
