"""Connections: accounts at providers. Secrets go in and never come out."""

import re
import secrets as randomness
import zoneinfo
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator
from uuid_utils.compat import uuid7

from calls.api.ids import Id
from calls.domain.connection import Connection
from calls.domain.providers import providers
from calls.domain.refusal import Refusal
from calls.domain.silence import silence
from calls.domain.telephone import to_e164
from calls.storage import connections, upkeep
from calls.usecases.subscribe import subscribe_unasked, unsubscribed
from shared.database import Transaction, Tx
from shared.errors import Invalid, NotFound
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.etag import IfMatch, require_match, set_etag
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/connections", tags=["connections"])

Admin = Annotated[Principal, Depends(requires("admin"))]
Secret = Annotated[str, Field(min_length=1, max_length=4096)]
LiveSecrets = Annotated[list[Secret], Field(min_length=1, max_length=5)]
Secrets = Annotated[dict[str, Secret | LiveSecrets], Field(max_length=20)]


class ConnectionNotFound(NotFound):
    title = "No such connection"


class FixedResponse(BaseModel):
    """What deliveries are answered with where a provider awaits a document, such as TwiML."""

    model_config = ConfigDict(extra="forbid")

    body: str = Field(max_length=65_536)
    content_type: str = "text/xml"
    status: int = Field(default=200, ge=200, le=299)


Hour = Annotated[str, Field(pattern="^([01][0-9]|2[0-4]):[0-5][0-9]$")]


class OpeningHours(BaseModel):
    """In the connection's time zone; 1 is Monday."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"days": [1, 2, 3, 4, 5], "start": "09:00", "end": "17:30"}}
    )

    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
    start: Hour
    end: Hour


class ConnectionSettings(BaseModel):
    """Each only where the provider needs it.

    ``timezone`` is that of its local times; ``own_numbers`` tell directions apart where it does not; ``sources`` says
    what each tracking number stands for; ``response`` is for one that awaits a document,
    ``api_url`` for one whose API is not at its usual address. Calls with ``own_numbers``,
    ``test_numbers`` or ``spam_numbers`` on the other side are flagged, and no statistic counts them.
    ``signature_tolerance_s`` is how far the time in a signature may be from ours (300).
    ``allowed_ips`` are the only networks that may post, where listed. A connection that is silent for
    ``silent_after_min`` (120) within ``opening_hours`` has a ``warning``. ``recording_hosts`` are hosts that recordings
    may be fetched from beside the provider's own. ``signature_version`` is 3 where Ringover is to sign so.
    """

    model_config = ConfigDict(extra="forbid")

    timezone: str | None = None
    own_numbers: list[str] = []
    test_numbers: list[str] = []
    spam_numbers: list[str] = []
    sources: dict[str, str] = {}
    signature_tolerance_s: int | None = Field(default=None, ge=1, le=10_000_000_000)
    signature_version: Literal[1, 3] | None = None
    allowed_ips: list[str] = []
    recording_hosts: list[Annotated[str, Field(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$", max_length=253)]] = []
    response: FixedResponse | None = None
    opening_hours: list[OpeningHours] = []
    silent_after_min: int | None = Field(default=None, ge=5, le=10_080)
    api_url: str | None = Field(default=None, pattern="^https?://", max_length=2_000)

    @field_validator("allowed_ips")
    @classmethod
    def _networks(cls, addresses: list[str]) -> list[str]:
        return [str(ip_network(each, strict=False)) for each in addresses]

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None and name not in zoneinfo.available_timezones():
            raise ValueError("this is no time zone, such as Europe/Amsterdam")
        return name

    @field_validator("own_numbers", "test_numbers", "spam_numbers")
    @classmethod
    def _numbers(cls, numbers: list[str]) -> list[str]:
        return [_number(each) for each in numbers]

    @field_validator("sources")
    @classmethod
    def _sources(cls, sources: dict[str, str]) -> dict[str, str]:
        return {_number(number): source for number, source in sources.items()}


def _address(told: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s]+[^#\s]*", told):
        raise ValueError("this is no address such as https://calls.example.com, without what follows a #")
    return told


PublicUrl = Annotated[
    str,
    Field(max_length=2_000, description="Where the provider posts to. Of a host alone, it is the hook's path there"),
    AfterValidator(_address),
]


class NewConnection(BaseModel):
    model_config = ConfigDict(extra="forbid")

    provider: str
    name: str = Field(min_length=1, max_length=200)
    secrets: Secrets = {}
    public_url: PublicUrl | None = None
    settings: ConnectionSettings = ConnectionSettings()


class ConnectionChange(BaseModel):
    """What is absent stays. ``secrets`` replaces all of them; give a list of live values while one is rotated."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=200)
    secrets: Secrets | None = None
    public_url: PublicUrl | None = None
    settings: ConnectionSettings | None = None


class ConnectionView(BaseModel):
    """``secrets`` are the names of the secrets it has."""

    id: str
    provider: str
    name: str
    token: str
    hook_path: str
    secrets: list[str]
    public_url: str | None
    settings: dict[str, Any]
    version: int
    delivered_at: datetime | None = Field(default=None, description="When it was last heard of, to the minute")
    quarantined: int = Field(default=0, description="Its deliveries that nobody has understood yet")
    refused: int = Field(default=0, description="Requests to its hook that were turned away (401)")
    refused_at: datetime | None = Field(default=None, description="When the last of them came")
    refused_because: str | None = Field(default=None, description="What was wrong with it, as far as can be told")
    unknown_fields: int = Field(
        default=0, description="Places in this provider's bodies that are new to us: GET /v1/deliveries/drift"
    )
    warning: str | None = Field(default=None, description="What seems to be wrong with it")


@router.post("", status_code=201, summary="Connect a provider's account")
async def create(new: NewConnection, response: Response, transaction: Tx, admin: Admin) -> ConnectionView:
    """Where a provider is subscribed to and its credentials are given, this begins the job ``subscribe``."""
    _check_secrets(new.provider, new.secrets)
    connection = Connection(
        id=str(uuid7()),
        provider=new.provider,
        name=new.name,
        token=randomness.token_urlsafe(32),
        secrets=new.secrets,
        settings=_given(new.settings),
    )
    connection = replace(connection, public_url=connection.address_at(new.public_url))
    await connections.add(transaction, connection)
    await subscribe_unasked(transaction, connection.id, admin.key_id)
    return await one(connection.id, response, transaction, admin)


@router.get("", summary="All connections")
async def everyone(transaction: Tx, _admin: Admin, limit: Limit = 100, cursor: Cursor = None) -> Page[ConnectionView]:
    found = await connections.page(transaction, limit + 1, place_in(cursor, identifier))
    page, more = cut(found, limit, lambda each: each.id)
    return Page(items=await _with_health(transaction, page), next_cursor=more)


@router.get("/{connection}", summary="One connection")
async def one(connection: Id, response: Response, transaction: Tx, _admin: Admin) -> ConnectionView:
    found = await connections.find(transaction, connection)
    if found is None:
        raise _missing(connection)
    set_etag(response, found.version)
    return (await _with_health(transaction, [found]))[0]


@router.patch("/{connection}", summary="Change its name, secrets, address or settings")
async def change(
    connection: Id,
    asked: ConnectionChange,
    response: Response,
    transaction: Tx,
    admin: Admin,
    if_match: IfMatch = None,
) -> ConnectionView:
    found = await connections.find(transaction, connection, lock=True)
    if found is None:
        raise _missing(connection)
    require_match(if_match, found.version)
    values = asked.model_dump(exclude_unset=True, exclude={"settings"})
    if asked.secrets is not None:
        _check_secrets(found.provider, asked.secrets)
    if asked.settings is not None:
        values["settings"] = found.settings_given(_given(asked.settings))
    if asked.public_url:
        values["public_url"] = found.address_at(asked.public_url)
    given = {name: value for name, value in values.items() if value is not None or name == "public_url"}
    await connections.change(transaction, connection, given)
    await subscribe_unasked(transaction, connection, admin.key_id, before=found)
    return await one(connection, response, transaction, admin)


async def _with_health(transaction: Transaction, found: Sequence[Connection]) -> list[ConnectionView]:
    ids = [each.id for each in found]
    pulses, refusals = await upkeep.pulses(transaction, ids), await upkeep.refused(transaction, ids)
    unread, strange = await upkeep.quarantined(transaction), await upkeep.unknown_fields(transaction)
    failed = await unsubscribed(transaction)
    return [
        _view(each).model_copy(
            update={"warning": failed.get(each.id)}
            | _health(each, pulses.get(each.id), refusals.get(each.id), transaction.now)
            | {"quarantined": unread.get(each.id, 0), "unknown_fields": strange.get(each.provider, 0)}
        )
        for each in found
    ]


def _health(
    connection: Connection, delivered_at: datetime | None, refusal: Refusal | None, now: datetime
) -> dict[str, Any]:
    silent = silence(connection.settings, delivered_at, now)
    heard = {"delivered_at": delivered_at} | ({"warning": silent} if silent else {})
    if refusal is None:
        return heard
    if delivered_at is None or delivered_at < refusal.at:
        heard["warning"] = f"The last request was turned away. {refusal.reason}"
    return heard | {"refused": refusal.requests, "refused_at": refusal.at, "refused_because": refusal.reason}


def _check_secrets(provider: str, given: Secrets) -> None:
    known = providers().get(provider)
    if known is None:
        raise Invalid.at("/provider", f"There is no provider '{provider}'; there are {', '.join(sorted(providers()))}.")
    missing = sorted(known.needs - given.keys())
    if missing:
        raise Invalid.at(f"/secrets/{missing[0]}", f"{provider} needs this secret.")


def _given(settings: ConnectionSettings) -> dict[str, Any]:
    return {name: value for name, value in settings.model_dump().items() if value}


def _missing(connection: str) -> ConnectionNotFound:
    return ConnectionNotFound(f"There is no connection {connection}.")


def _number(spelled: str) -> str:
    number = to_e164(spelled)
    if number is None:
        raise ValueError(f"{spelled} is no telephone number with its country code, such as +12025550147")
    return number


def _view(connection: Connection) -> ConnectionView:
    return ConnectionView(
        id=connection.id,
        provider=connection.provider,
        name=connection.name,
        token=connection.token,
        hook_path=connection.hook_path,
        secrets=sorted(connection.secrets),
        public_url=connection.public_url,
        settings=connection.given_settings,
        version=connection.version,
    )
