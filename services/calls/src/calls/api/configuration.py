"""This service's part of a configuration: queues, numbers, campaigns, dispositions, and connections' settings."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calls.api.connections import ConnectionSettings
from calls.api.marketing import Campaign, NumberSource
from calls.api.people import Disposition
from calls.api.queues import Queue
from calls.usecases.configure import NOUNS, Written, configure
from shared.configuration import Applied, Part, sentence
from shared.database import Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/configuration", tags=["configuration"])

Admin = Annotated[Principal, Depends(requires("admin"))]
Items = list[dict[str, Any]]
READ_BY_ALIAS = {"start_on": "from", "end_on": "to"}


class KeyedConnection(BaseModel):
    """``key`` is the provider and the connection's name, as in ``aircall/Sales``."""

    model_config = ConfigDict(extra="forbid")

    key: str
    public_url: str | None = Field(default=None, max_length=2_000)
    settings: ConnectionSettings = ConnectionSettings()


class CallsPart(Part):
    """A noun that is not there is left alone."""

    queues: Items = Field([], description="Each as for `PUT /v1/queues`, its name as `key`")
    numbers: Items = Field([], description="`{key: the number, source}`")
    campaigns: Items = Field([], description="Each as for `PUT /v1/campaigns`")
    dispositions: Items = Field([], description="Each as for `PUT /v1/dispositions`, its name as `key`; in order")
    connections: Items = Field([], description="`{key: provider/name, public_url?, settings?}`, without secrets")


class Held(BaseModel):
    queues: Items
    numbers: Items
    campaigns: Items
    dispositions: Items
    connections: Items


@router.get("/part", summary="Queues, numbers, campaigns, dispositions and connections, as they would be applied")
async def get_part(transaction: Tx, _admin: Admin) -> Held:
    told = {name: [_shown(each) for each in await noun.read(transaction)] for name, noun in NOUNS.items()}
    return Held.model_validate(told)


@router.post("/part", summary="Make these, by key; a connection that is not there is skipped, for it needs secrets")
async def apply_part(body: CallsPart, request: Request, transaction: Tx, _admin: Admin) -> Applied:
    applied = Applied()
    zone = ZoneInfo(request.app.state.settings.timezone)
    for name in body.model_fields_set & NOUNS.keys():
        items: Items = getattr(body, name)
        wanted = _read(name, items, applied)
        named = [*(str(each.get("key")) for each in items), *(each["key"] for each in wanted.values())]
        await configure(
            transaction,
            NOUNS[name],
            wanted,
            named,
            applied,
            zone=zone,
            dry_run=body.dry_run,
            destroy=body.destroy,
        )
    return applied


def _read(name: str, items: Items, applied: Applied) -> dict[int, Written]:
    """Those that read, by their number."""
    found = {}
    for number, each in enumerate(items):
        try:
            found[number] = READERS[name](each)
        except ValidationError as error:
            applied.skip(f"/{name}/{number}", sentence(error))
    return found


def _number(written: Mapping[str, Any]) -> Written:
    read = NumberSource.model_validate(_renamed(written, "number"))
    return {"key": read.number, "source": read.source}


def _campaign(written: Mapping[str, Any]) -> Written:
    return Campaign.model_validate(written).model_dump()


def _queue(written: Mapping[str, Any]) -> Written:
    return _renamed(Queue.model_validate(_renamed(written, "name")).model_dump(), "key", "name")


def _disposition(written: Mapping[str, Any]) -> Written:
    return _renamed(Disposition.model_validate(_renamed(written, "name")).model_dump(), "key", "name")


def _connection(written: Mapping[str, Any]) -> Written:
    read = KeyedConnection.model_validate(written)
    settings = read.settings.model_dump(mode="json", exclude_defaults=True)
    return {"key": read.key, "public_url": read.public_url, "settings": settings}


READERS: Mapping[str, Callable[[Mapping[str, Any]], Written]] = {
    "queues": _queue,
    "numbers": _number,
    "campaigns": _campaign,
    "dispositions": _disposition,
    "connections": _connection,
}


def _renamed(written: Mapping[str, Any], to: str, of: str = "key") -> dict[str, Any]:
    return {to if name == of else name: value for name, value in written.items()}


def _shown(item: Written) -> dict[str, Any]:
    """As a file has it: without what is not said, days as texts."""
    told = {READ_BY_ALIAS.get(name, name): value for name, value in item.items() if value not in (None, {})}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}
