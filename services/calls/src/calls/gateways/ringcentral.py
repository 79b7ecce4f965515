"""RingCentral's platform API: making the subscription that brings its webhooks, and keeping it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx

from calls.domain.connection import Connection

USUAL = "https://platform.ringcentral.com"
EVENTS = ["/restapi/v1.0/account/~/telephony/sessions", "/restapi/v1.0/account/~/extension/~/voicemail"]
# The longest RingCentral grants: twenty years.
LIFETIME_SECONDS = 630_720_000
# The handshake comes within the request, and takes RingCentral up to 3 s.
PATIENCE_SECONDS = 30.0
# A subscription that ends sooner is renewed.
RENEWED_BEFORE = timedelta(days=30)
State = Literal["none", "live", "renewed", "dead"]
CREDENTIALS = frozenset({"client_id", "client_secret", "jwt"})


async def subscribe(connection: Connection) -> Mapping[str, Any]:
    """Make the subscription; RingCentral greets our hook meanwhile. Raises `httpx.HTTPError`."""
    secrets = connection.live_secrets
    async with _client(connection) as client:
        token = await access_token(client, secrets)
        asked = {
            "eventFilters": EVENTS,
            "deliveryMode": {
                "transportType": "WebHook",
                "address": connection.public_url,
                "verificationToken": secrets["verification_token"][-1],
            },
            "expiresIn": LIFETIME_SECONDS,
        }
        headers = {"authorization": f"Bearer {token}"}
        made = _checked(await client.post("/restapi/v1.0/subscription", json=asked, headers=headers))
    return {"subscription": str(made["id"]), "status": made.get("status"), "expires_at": made.get("expirationTime")}


async def watch(connection: Connection) -> State:
    """Whether RingCentral still posts to us; what ends soon is renewed. Raises `httpx.HTTPError`.

    It stops for good after some minutes of failures ("Blacklisted"): such a subscription is taken away.
    """
    async with _client(connection) as client:
        headers = {"authorization": f"Bearer {await access_token(client, connection.live_secrets)}"}
        listed = _checked(await client.get("/restapi/v1.0/subscription", headers=headers)).get("records") or []
        mine = [each for each in listed if (each.get("deliveryMode") or {}).get("address") == connection.public_url]
        if not mine:
            return "none"
        dead = [each for each in mine if each.get("status") != "Active"]
        for each in dead:
            await client.delete(f"/restapi/v1.0/subscription/{each['id']}", headers=headers)
        if len(dead) == len(mine):
            return "dead"
        ending = [each for each in mine if each not in dead and _ends_soon(each)]
        for each in ending:
            _checked(await client.post(f"/restapi/v1.0/subscription/{each['id']}/renew", headers=headers))
        return "renewed" if ending else "live"


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
