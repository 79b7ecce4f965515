"""A recording comes from its provider, to those who may hear it, and it is noted who did."""

from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from services.calls.tests.running import Running
from services.calls.tests.standins import FastClock, quicken, served
from services.calls.tests.stories import EXPECTED, bodies
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError

from calls.storage.tables import recording_access
from shared.testing.service import give_key

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
