"""Comments on a record, with the users they mention."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.activities import ActivityOut, activity_page, present_activity
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.activity import Activity
from records.domain.mentions import as_html
from records.usecases.comment import add_comment, edit_comment, remove_comment
from shared.database import Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Cursor, Limit, Page

router: APIRouter = CommandRouter(prefix="/v1/records/{id}/comments", tags=["activities"], responses=REFUSALS)
MAY_READ, MAY_WRITE = Depends(requires("read")), Depends(requires("write"))


class CommentIn(Body):
    body: Annotated[
        str,
        Field(
            description="Name a user with `@` and the name, the e-mail address or the id",
            examples=["@Mira Okafor They want the quote by Friday."],
        ),
    ]


class CommentOut(ActivityOut):
    html: Annotated[str, Field(description="The text as it may stand in a page: nothing in it is markup")]


@router.get("", response_model=Page[CommentOut], dependencies=[MAY_READ])
async def list_comments(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The activities that are comments, the newest first."""
    found, more = await activity_page(transaction, workspace, id, limit, cursor, only="comment")
    return answer({"items": [present_comment(each) for each in found], "next_cursor": more})


@router.post("", status_code=201, response_model=CommentOut, dependencies=[MAY_WRITE])
async def write(
    id: str,  # noqa: A002 — the path's word
    body: CommentIn,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """`records.activity.logged.v1` tells of it, with the users mentioned."""
    return answer(present_comment(await add_comment(transaction, workspace, id, body.body)), 201)


@router.patch("/{comment}", response_model=CommentOut)
async def mend(
    id: str,  # noqa: A002 — the path's word
    comment: str,
    body: CommentIn,
    transaction: Tx,
    workspace: CurrentWorkspace,
    caller: Annotated[Principal, MAY_WRITE],
) -> Response:
    """The author's, or an administrator's, to do. The wording before stays in the record's history."""
    anyone = caller.policy.may_configure()
    changed = await edit_comment(transaction, workspace, id, comment, body.body, any_author=anyone)
    return answer(present_comment(changed))


@router.delete("/{comment}", status_code=204)
async def take_back(
    id: str,  # noqa: A002 — the path's word
    comment: str,
    transaction: Tx,
    workspace: CurrentWorkspace,
    caller: Annotated[Principal, MAY_WRITE],
) -> None:
    """The author's, or an administrator's, to do. The text stays in the record's history."""
    await remove_comment(transaction, workspace, id, comment, any_author=caller.policy.may_configure())


def present_comment(comment: Activity) -> dict[str, Any]:
    return present_activity(comment) | {"html": as_html(comment.body or "")}
