"""Deliveries: every webhook request as it arrived, what became of it, and how to have it read again."""

from base64 import b64encode
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from calls.api.ids import Id
from calls.api.parameters import From, To
from calls.domain.delivery import State
from calls.domain.providers import providers
from calls.storage import deliveries, upkeep
from calls.storage.deliveries import DeliveryFilter
from calls.usecases.take_delivery import Intake
from calls.usecases.try_replay import try_replay
from shared.database import Tx
from shared.errors import Invalid, NotFound
from shared.http.authentication import Principal, overseeing, requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/deliveries", tags=["deliveries"])

Overseer = Annotated[Principal, Depends(overseeing)]
Admin = Annotated[Principal, Depends(requires("admin"))]


# A dry run reads so many.
TRIED = 1_000


class DeliveryNotFound(NotFound):
    title = "No such delivery"


class DeliveryView(BaseModel):
    """``reason`` says why a delivery is quarantined."""

    id: str
    connection: str
    provider: str
    path: str
    state: State
    reason: str | None
    received_at: datetime
    settled_at: datetime | None
    adapter: str | None = Field(description="The version of the adapter that read it last")
    expired_at: datetime | None = Field(description="When its body was taken, as the policy of retention says")


class WholeDelivery(DeliveryView):
    """``body`` is the body as text where it is UTF-8; secrets are redacted in both forms and in the headers."""

    query: str
    headers: dict[str, str]
    body: str | None
    body_base64: str
    traceparent: str | None


class Replay(BaseModel):
    """Which deliveries to read again: all conditions given must hold, and there must be one.

    ``reason`` is a part of the reason; ``adapter`` the version that read them; ``outdated``: an adapter that has
    changed since. ``dry_run`` changes nothing and says what would become of them.
    """

    model_config = ConfigDict(extra="forbid")

    ids: list[Id] | None = Field(default=None, max_length=10_000)
    state: State | None = None
    connection: Id | None = None
    provider: str | None = None
    reason: str | None = Field(default=None, min_length=3, max_length=500)
    adapter: str | None = None
    outdated: bool | None = None
    start: AwareDatetime | None = Field(default=None, alias="from")
    end: AwareDatetime | None = Field(default=None, alias="to")
    dry_run: bool = False


class TrialView(BaseModel):
    """Of the newest ``read`` deliveries: how many are understood, why the others are not, whose facts change."""

    model_config = ConfigDict(from_attributes=True)

    read: int
    understood: int
    changed: int
    reasons: dict[str, int]


class Replayed(BaseModel):
    """``replayed`` are being read again; ``expired`` match too, but have no body any more."""

    replayed: int
    matching: int
    expired: int
    trial: TrialView | None = Field(default=None, description="Of a dry run")


class DriftView(BaseModel):
    """A place in a provider's bodies that is new to us: since when, in how many deliveries, and one of them."""

    provider: str
    path: str
    deliveries: int
    delivery: str
    first_seen_at: datetime
    last_seen_at: datetime


@router.get("", summary="Deliveries, newest first")
async def listed(
    *,
    transaction: Tx,
    _overseer: Overseer,
    state: State | None = None,
    connection: Id | None = None,
    start: From = None,
    end: To = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DeliveryView]:
    wanted = DeliveryFilter(state=state, connection=connection, start=start, end=end)
    rows = await deliveries.page(transaction, wanted, limit + 1, place_in(cursor, identifier))
    page, more = cut(rows, limit, lambda row: row["id"])
    return Page(items=[DeliveryView.model_validate(row) for row in page], next_cursor=more)


@router.get("/drift", summary="What providers began to send that we do not know, newest first")
async def drift(transaction: Tx, _overseer: Overseer, provider: str | None = None) -> Page[DriftView]:
    return Page(items=[DriftView.model_validate(row) for row in await upkeep.drifted(transaction, provider)])


@router.get("/{delivery}", summary="One delivery, byte for byte but for its secrets")
async def one(delivery: Id, transaction: Tx, _overseer: Overseer) -> WholeDelivery:
    row = await deliveries.find(transaction, delivery)
    if row is None:
        raise DeliveryNotFound(f"There is no delivery {delivery}.")
    body: bytes = row["body"]
    return WholeDelivery.model_validate(row | {"body": _text(body), "body_base64": b64encode(body).decode()})


@router.post("/replay", status_code=202, summary="Read deliveries again; what says nothing new changes nothing")
async def replay(asked: Replay, request: Request, after: BackgroundTasks, transaction: Tx, _admin: Admin) -> Replayed:
    wanted = _wanted(asked)
    counts = await deliveries.counted(transaction, wanted)
    answer = Replayed(
        replayed=0,
        matching=sum(counts.values()),
        expired=sum(number for (_, whole), number in counts.items() if not whole),
    )
    if asked.dry_run:
        trial = await try_replay(transaction, await deliveries.sample(transaction, wanted, TRIED))
        return answer.model_copy(update={"trial": TrialView.model_validate(trial)})
    intake: Intake = request.app.state.parts["intake"]
    after.add_task(intake.arrived.set)
    return answer.model_copy(update={"replayed": await deliveries.replay(transaction, wanted)})


def _wanted(asked: Replay) -> DeliveryFilter:
    given = asked.model_dump(exclude_none=True, exclude={"dry_run", "outdated"})
    if not given and not asked.outdated:
        raise Invalid("Say which deliveries: ids, state, connection, provider, reason, adapter, outdated, from or to.")
    newest = [each.version for each in providers().values()] if asked.outdated else None
    return DeliveryFilter(**given, not_adapters=newest)


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
