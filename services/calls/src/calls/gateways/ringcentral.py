"""RingCentral's platform API: making the subscription that brings its webhooks, and keeping it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import compress
from typing import Any, Literal

import httpx

from calls.domain.connection import Connection

SUBSCRIPTIONS = "/restapi/v1.0/subscription"
USUAL = "https://platform.ringcentral.com"
EVENTS = [
    "/restapi/v1.0/account/~/telephony/sessions",
    "/restapi/v1.0/account/~/extension/~/voicemail",
    "/restapi/v1.0/account/~/presence",
]
# The longest RingCentral grants: ten years.
LIFETIME_SECONDS = 315_360_000
# The handshake comes within the request, and takes RingCentral up to 3 s.
PATIENCE_SECONDS = 30.0
# A subscription that ends sooner is renewed.
RENEWED_BEFORE = timedelta(days=30)
State = Literal["none", "live", "renewed", "dead"]
CREDENTIALS = frozenset({"client_id", "client_secret", "jwt"})


async def subscribe(connection: Connection) -> Mapping[str, Any]:
    """Make the subscription, and take away those before it; RingCentral greets our hook meanwhile.

    What the application has no permission for is ``refused``; the rest is told. Raises `httpx.HTTPError`.
    """
    async with _entered(connection) as client:
        before = await _mine(client, connection)
        made = _checked(await client.post(SUBSCRIPTIONS, json=_asked(connection)))
        for each in before:
            await client.delete(f"{SUBSCRIPTIONS}/{each['id']}")
    return {
        "subscription": str(made["id"]),
        "status": made.get("status"),
        "expires_at": made.get("expirationTime"),
        "refused": [each.get("filter") for each in made.get("disabledFilters") or ()],
    }


def _asked(connection: Connection) -> dict[str, Any]:
    return {
        "eventFilters": EVENTS,
        "deliveryMode": {
            "transportType": "WebHook",
            "address": connection.public_url,
            "verificationToken": connection.live_secrets["verification_token"][-1],
        },
        "expiresIn": LIFETIME_SECONDS,
    }


async def watch(connection: Connection) -> State:
    """Whether RingCentral still posts to us; what ends soon is renewed. Raises `httpx.HTTPError`.

    It stops for good after some minutes of failures ("Blacklisted"): such a subscription is taken away.
    """
    async with _entered(connection) as client:
        mine = await _mine(client, connection)
        dead = [each for each in mine if each.get("status") != "Active"]
        for each in dead:
            await client.delete(f"{SUBSCRIPTIONS}/{each['id']}")
        if len(dead) == len(mine):
            return "dead" if mine else "none"
        ending = [each for each in mine if each not in dead and _ends_soon(each)]
        for each in ending:
            _checked(await client.post(f"{SUBSCRIPTIONS}/{each['id']}/renew"))
        return "renewed" if ending else "live"


async def _mine(client: httpx.AsyncClient, connection: Connection) -> list[dict[str, Any]]:
    """The application's subscriptions that post to this connection, at whatever address it had."""
    listed: list[dict[str, Any]] = _checked(await client.get(SUBSCRIPTIONS)).get("records") or []
    addresses = [str((each.get("deliveryMode") or {}).get("address")) for each in listed]
    ours = [each == connection.public_url or each.endswith(connection.hook_path) for each in addresses]
    return list(compress(listed, ours))


@asynccontextmanager
async def _entered(connection: Connection) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(connection) as client:
        client.headers["authorization"] = f"Bearer {await access_token(client, connection.live_secrets)}"
        yield client


def _ends_soon(subscription: Mapping[str, Any]) -> bool:
    ends = datetime.fromisoformat(subscription["expirationTime"])
    return ends - datetime.now(UTC) < RENEWED_BEFORE


def _client(connection: Connection) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=connection.settings.get("api_url") or USUAL, timeout=PATIENCE_SECONDS)


async def access_token(client: httpx.AsyncClient, secrets: Mapping[str, Sequence[str]]) -> str:
    """A token for an hour. Raises `httpx.HTTPStatusError`."""
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": secrets["jwt"][-1]}
    application = (secrets["client_id"][-1], secrets["client_secret"][-1])
    granted = _checked(await client.post("/restapi/oauth/token", data=form, auth=application))
    return str(granted["access_token"])


def _checked(answer: httpx.Response) -> dict[str, Any]:
    """What it answered. RingCentral says in words what is wrong."""
    if answer.is_error:
        said = answer.text[:500]
        raise httpx.HTTPStatusError(
            f"RingCentral answered {answer.status_code}: {said}", request=answer.request, response=answer
        )
    found: dict[str, Any] = answer.json()
    return found
