"""RingCentral's platform API: making the subscription that brings its webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from calls.domain.connection import Connection

USUAL = "https://platform.ringcentral.com"
EVENTS = ["/restapi/v1.0/account/~/telephony/sessions", "/restapi/v1.0/account/~/extension/~/voicemail"]
# The longest RingCentral grants: twenty years.
LIFETIME_SECONDS = 630_720_000
# The handshake comes within the request, and takes RingCentral up to 3 s.
PATIENCE_SECONDS = 30.0
CREDENTIALS = frozenset({"client_id", "client_secret", "jwt"})


async def subscribe(connection: Connection) -> Mapping[str, Any]:
    """Make the subscription; RingCentral greets our hook meanwhile. Raises `httpx.HTTPError`."""
    secrets = connection.live_secrets
    base = connection.settings.get("api_url") or USUAL
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_SECONDS) as client:
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
