"""Share links of dashboards: made and revoked by editors, opened by whoever has one."""

from datetime import datetime

from fastapi import Request
from pydantic import BaseModel, Field

from analytics.api.dashboards import DashboardView, Data, data_of, shown
from analytics.dependencies import AskedScope, Engine, Looking, Writer
from analytics.storage import dashboards
from analytics.storage.dashboards import Share
from analytics.usecases import share_dashboard
from analytics.usecases.save_dashboard import find_editable
from shared.database import Transaction, Tx
from shared.http.authentication import Principal, principal_of
from shared.http.command import CommandRouter

router = CommandRouter(tags=["dashboards"])


class Sharing(BaseModel):
    expires_at: datetime | None = Field(default=None, description="Within a year; in 30 days if absent")


class ShareView(BaseModel):
    id: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewShare(ShareView):
    """``token`` is shown this once. ``page`` is the address of the page; ``url`` that of the dashboard as data."""

    token: str
    page: str
    url: str


class Shares(BaseModel):
    items: list[ShareView]
    next_cursor: None = None


@router.post("/v1/dashboards/{key}/share", status_code=201, summary="Make a link that opens the dashboard")
async def share(key: str, transaction: Tx, viewer: Looking, writer: Writer, body: Sharing | None = None) -> NewShare:
    """It shows what its maker may see, until it expires, is revoked, or its maker's key is."""
    stored = await find_editable(transaction, viewer, key)
    made, token = await share_dashboard.share_dashboard(transaction, writer, stored, body.expires_at if body else None)
    return NewShare(**_view(made).model_dump(), token=token, page=f"/#share={token}", url=f"/v1/shared/{token}")


@router.get("/v1/dashboards/{key}/shares", summary="Its links, without their tokens")
async def list_shares(key: str, transaction: Tx, viewer: Looking) -> Shares:
    stored = await find_editable(transaction, viewer, key)
    return Shares(items=[_view(each) for each in await dashboards.shares_of(transaction, stored.id)])


@router.delete("/v1/dashboards/{key}/shares/{share_id}", status_code=204, summary="Revoke a link")
async def revoke(key: str, share_id: str, transaction: Tx, viewer: Looking, _writer: Writer) -> None:
    await share_dashboard.revoke_share(transaction, await find_editable(transaction, viewer, key), share_id)


@router.get("/v1/shared/{token}", summary="The dashboard of a link", response_model_exclude_none=True)
async def get_shared(token: str, request: Request, transaction: Tx) -> DashboardView:
    opened, stored = await share_dashboard.open_share(transaction, token, request.state.principal)
    sharer = await _sharer(transaction, opened)
    return await shown(request, transaction, stored, "viewer", sharer.policy)


@router.get("/v1/shared/{token}/data", summary="The data of a link's dashboard", response_model_exclude_unset=True)
async def get_shared_data(token: str, request: Request, transaction: Tx, engine: Engine, scope: AskedScope) -> Data:
    opened, stored = await share_dashboard.open_share(transaction, token, request.state.principal)
    sharer = await _sharer(transaction, opened)
    return await data_of(request, transaction, engine, sharer.policy, stored, scope)


async def _sharer(transaction: Transaction, opened: Share) -> Principal:
    """Who made the link, as they are today. Raises `ShareNotFound` where their key is not valid any more."""
    sharer = await principal_of(transaction, opened.key)
    if sharer is None:
        raise share_dashboard.ShareNotFound("This link is not valid any more: the key it was made with is not.")
    return sharer


def _view(each: Share) -> ShareView:
    return ShareView(**{name: getattr(each, name) for name in ShareView.model_fields})
