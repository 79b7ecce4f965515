"""A recording comes from its provider, to those who may hear it, and it is noted who did."""

from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI, Request, Response
from services.calls.tests.running import Running
from services.calls.tests.standins import FastClock, quicken, served
from services.calls.tests.stories import EXPECTED, bodies
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError

from calls.domain.connection import Connection
from calls.gateways.api import ProviderFailed
from calls.gateways.histories import Recorded, histories
from calls.storage.tables.calls import recording_access
from calls.usecases.backfill import opened
from shared.testing.service import give_key

SENT = {
    "ringover": ("https://cdn.ringover.com/rec/1.mp3", None),
    "justcall": ("https://x.justcall.io/1.mp3", None),
    "vonage": ("https://api-eu.nexmo.com/v1/files/1", "Bearer"),
    "threecx": ("https://pbx.example.com/recordings/1.wav", "Bearer"),
}
ANSWERED = EXPECTED["inbound_answered"]["provider_call_id"]
SOUND = b"RIFF" + bytes(100_000)


def aircall(link: str) -> FastAPI:
    app = FastAPI()

    @app.get("/v1/calls/{call}")
    async def one(call: str, request: Request) -> Any:
        found = link.replace("BASE", str(request.base_url).rstrip("/")) if call == ANSWERED else None
        return {"call": {"id": call, "recording": found}}

    @app.get("/sound.wav")
    async def sound(request: Request) -> Response:
        assert "authorization" not in request.headers
        return Response(SOUND, media_type="audio/wav")

    return app


async def connect(service: Running, address: str) -> str:
    quicken(service, FastClock())
    secrets = {"token": "test-aircall-webhook-token", "api_id": "id", "api_token": "key"}
    await service.connect_to("aircall", secrets, settings={"api_url": address})
    await service.deliver(bodies())
    return f"/v1/calls/{(await service.call(ANSWERED))['id']}/recording"


async def test_a_recording_is_fetched_on_demand_and_it_is_noted_by_whom(service: Running) -> None:
    async with served(aircall("BASE/sound.wav")) as address:
        path = await connect(service, address)
        answer = await service.client.get(path)
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, SOUND, "audio/wav")
        other = (await service.call(EXPECTED["inbound_missed"]["provider_call_id"]))["id"]
        assert (await service.client.get(f"/v1/calls/{other}/recording")).status_code == 404
        reader = await give_key(service.database, scopes=["read"])
        refused = await service.client.get(path, headers={"authorization": f"Bearer {reader}"})
        assert refused.status_code == 403
    assert len((await service.get(f"{path}/accesses"))["items"]) == 1
    with pytest.raises(DBAPIError, match="written once"):
        async with service.database.transaction() as transaction:
            await transaction.execute(delete(recording_access))


@pytest.mark.parametrize(
    "link", ["http://169.254.169.254/latest", "https://aircall.io.example.com/x", "http://assets.aircall.io/x"]
)
async def test_a_link_that_leads_elsewhere_is_not_followed(service: Running, link: str) -> None:
    async with served(aircall(link)) as address:
        path = await connect(service, address)
        answer = await service.client.get(path)
        assert (answer.status_code, "no host of this provider" in answer.json()["detail"]) == (502, True)
    assert (await service.get(f"{path}/accesses"))["items"] == []


@pytest.fixture(scope="module")
def rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


async def asked(provider: str, link: str, secrets: dict[str, str]) -> list[httpx.Request]:
    """The requests that the recording behind a webhook's link takes."""
    seen: list[httpx.Request] = []

    def answers(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        granted = request.url.path == "/connect/token"
        return httpx.Response(200, json={"access_token": "granted"}) if granted else httpx.Response(200, content=SOUND)

    told, settings = histories()[provider], {"api_url": "https://pbx.example.com"} if provider == "threecx" else {}
    connection = Connection("c", provider, "Sales", "t", secrets, settings=settings)
    base = settings.get("api_url") or told.base or ""
    async with httpx.AsyncClient(base_url=base, transport=httpx.MockTransport(answers)) as client:
        api = opened(client, connection, told, FastClock())
        assert told.recording
        where = await told.recording(api, connection, Recorded(["id"], link))
        assert where
        answer = await api.stream(where.link, ours=where.ours, media=told.media)
        assert await answer.aread() == SOUND
    return seen


@pytest.mark.parametrize("provider", SENT)
async def test_what_a_webhook_links_to_is_fetched_with_what_opens_it(provider: str, rsa_key: str) -> None:
    link, proof = SENT[provider]
    secrets = {"client_id": "id", "client_secret": "s", "application_id": "app", "private_key": rsa_key, "api_key": "k"}
    (*_, last) = await asked(provider, link, secrets | {"api_secret": "s"})
    assert str(last.url) == link
    assert last.headers.get("authorization", "None").split()[0] == str(proof)
    elsewhere = "https://169.254.169.254/1" if proof is None else "https://pbx.example.org/1"
    with pytest.raises(ProviderFailed):
        await asked(provider, elsewhere, secrets | {"api_secret": "s"})


async def test_after_its_time_nobody_hears_it(service: Running) -> None:
    async with served(aircall("BASE/sound.wav")) as address:
        path = await connect(service, address)
        service.app.state.parts["recording_days"] = 30
        answer = await service.client.get(path)
    assert (answer.status_code, "this call is older" in answer.json()["detail"]) == (404, True)
