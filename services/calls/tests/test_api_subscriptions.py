"""Subscribing at a provider that greets our hook first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from services.calls.tests.running import Running
from services.calls.tests.stories import live_secrets, sent

from calls.workers.subscriptions import watch_all
from shared.engines import ports
from shared.testing.service import PATIENCE_SECONDS

TOKEN = live_secrets("ringcentral")["verification_token"][0]
HOST = "https://calls.example.com"
ADDRESS = "https://calls.example.com/hook"
CREDENTIALS = {"client_id": "app", "client_secret": "app-secret", "jwt": "user-jwt"}
GREETING = {"validation-token": "one-time-token", "content-type": "application/json"}


def platform(service: Running, seen: list[Any]) -> FastAPI:
    """RingCentral as far as it is needed: it grants a token, and greets the hook before a subscription is made."""
    app = FastAPI()

    @app.post("/restapi/oauth/token")
    async def grant(request: Request) -> Any:
        form = (await request.body()).decode()
        basic = request.headers["authorization"] == "Basic YXBwOmFwcC1zZWNyZXQ="
        if "assertion=user-jwt" not in form or not basic:
            return Response('{"error": "invalid_grant"}', 400)
        return {"access_token": "access"}

    @app.get("/restapi/v1.0/subscription")
    async def listed() -> Any:
        return {"records": service.app.state.listed}

    @app.post("/restapi/v1.0/subscription/{one}/renew")
    async def renew(one: str) -> Any:
        seen.append(f"renew {one}")
        return {"id": one}

    @app.delete("/restapi/v1.0/subscription/{one}", status_code=204)
    async def delete(one: str) -> None:
        seen.append(f"delete {one}")
        service.app.state.listed = [each for each in service.app.state.listed if each["id"] != one]

    @app.post("/restapi/v1.0/subscription")
    async def subscribe(request: Request) -> Any:
        asked = await request.json()
        seen.append(asked)
        answer = await service.client.post(service.hook, headers=GREETING)
        if answer.status_code != 200 or answer.headers["validation-token"] != "one-time-token":
            return Response('{"errorCode": "SUB-525"}', 400)
        refused = [{"filter": asked["eventFilters"][-1], "reason": "InsufficientPermissions"}]
        made = {"id": "sub-1", "status": "Active", "expirationTime": "2035-01-01T00:00:00Z"}
        return made | {"disabledFilters": refused}

    return app


@asynccontextmanager
async def ringcentral(service: Running, seen: list[Any]) -> AsyncIterator[str]:
    (port,) = ports.free_ports(1)
    service.app.state.listed = []
    config = uvicorn.Config(platform(service, seen), port=port, log_level="error", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def subscribe(service: Running) -> dict[str, Any]:
    answer = await service.client.post(f"/v1/connections/{service.connection}/subscribe")
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def finished(service: Running, already: int = 0) -> dict[str, Any]:
    """The newest job, once there are more than these and all are finished."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            jobs = [each for each in (await service.get("/v1/jobs/calls"))["items"] if each["kind"] == "subscribe"]
            if len(jobs) > already and not any(each["state"] in ("waiting", "running") for each in jobs):
                return max(jobs, key=lambda each: str(each["created_at"]))
            await asyncio.sleep(0.05)


def addresses(seen: list[Any]) -> list[str]:
    """Of the subscriptions made, among what else was asked of them."""
    return [each if isinstance(each, str) else each["deliveryMode"]["address"] for each in seen]


async def connection(service: Running) -> dict[str, Any]:
    found: dict[str, Any] = await service.get(f"/v1/connections/{service.connection}")
    return found


async def test_a_connection_with_credentials_subscribes_by_itself_and_closes_the_door(service: Running) -> None:
    seen: list[Any] = []
    async with ringcentral(service, seen) as url:
        secrets = {"verification_token": TOKEN} | CREDENTIALS
        await service.connect_to("ringcentral", secrets, public_url=HOST, settings={"api_url": url})
        job = await finished(service)
        address = HOST + service.hook
        assert (job["state"], job["error"]) == ("done", None)
        assert job["result"]["subscription"] == "sub-1"
        assert job["result"]["refused"] == ["/restapi/v1.0/account/~/presence"]
        assert seen[0]["deliveryMode"] == {"transportType": "WebHook", "address": address, "verificationToken": TOKEN}
        assert seen[0]["eventFilters"][0] == "/restapi/v1.0/account/~/telephony/sessions"
        assert (await service.client.post(service.hook, headers=GREETING)).status_code == 401
        assert (await connection(service))["settings"] == {"api_url": url}

        one = f"/v1/connections/{service.connection}"
        renamed = await service.client.patch(one, json={"name": "Other", "settings": {"api_url": url}})
        assert renamed.status_code == 200
        service.app.state.listed = [subscription(1, address=address), subscription(2, address="https://other.example")]
        assert (await service.client.patch(one, json={"public_url": ADDRESS})).status_code == 200
        assert (await finished(service, 1))["state"] == "done"
    assert addresses(seen) == [address, ADDRESS, "delete sub-1"]


async def test_a_connection_says_why_it_could_not_subscribe(service: Running) -> None:
    async with ringcentral(service, []) as url:
        secrets = {"verification_token": TOKEN} | CREDENTIALS | {"jwt": "expired"}
        await service.connect_to("ringcentral", secrets, public_url=HOST, settings={"api_url": url})
        assert (await finished(service))["state"] == "failed"
        assert "invalid_grant" in (await connection(service))["warning"]
        change = {"secrets": secrets | CREDENTIALS}
        assert (await service.client.patch(f"/v1/connections/{service.connection}", json=change)).status_code == 200
        await finished(service, 1)
        assert (await connection(service))["warning"] is None


async def test_without_credentials_the_door_is_open_for_the_handshake_and_nothing_else(service: Running) -> None:
    await service.connect_to("ringcentral", {"verification_token": TOKEN})
    assert (await subscribe(service))["job"] is None
    answer = await service.client.post(service.hook, headers=GREETING)
    assert (answer.status_code, answer.headers["validation-token"]) == (200, "one-time-token")
    assert sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) + len(answer.content) < 1024
    event = sent("ringcentral", "voicemail")[0]
    assert (await service.post(event.body, **GREETING)).status_code == 401
    assert (await service.post_as(event)).status_code == 200


async def test_what_cannot_be_subscribed_to_is_said(service: Running) -> None:
    await service.connect()
    answer = await service.client.post(f"/v1/connections/{service.connection}/subscribe")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/connection")
    secrets = {"verification_token": TOKEN} | CREDENTIALS
    await service.connect_to("ringcentral", secrets)
    answer = await service.client.post(f"/v1/connections/{service.connection}/subscribe")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/public_url")
    unknown = "/v1/connections/00000000-0000-4000-8000-000000000000/subscribe"
    assert (await service.client.post(unknown)).status_code == 404


def subscription(number: int, status: str = "Active", *, days: int = 300, address: str = ADDRESS) -> dict[str, Any]:
    ends = (datetime.now(UTC) + timedelta(days=days)).isoformat().replace("+00:00", "Z")
    return {"id": f"sub-{number}", "status": status, "expirationTime": ends, "deliveryMode": {"address": address}}


async def test_a_subscription_is_kept_and_one_that_was_stopped_is_made_anew(service: Running) -> None:
    seen: list[Any] = []
    async with ringcentral(service, seen) as url:
        secrets = {"verification_token": TOKEN} | CREDENTIALS
        await service.connect_to("ringcentral", secrets, public_url=ADDRESS, settings={"api_url": url})
        for told, state, jobs in (
            ([subscription(1), subscription(2, "Blacklisted", address="https://other.example.com")], "live", 1),
            ([subscription(1, days=29)], "renewed", 1),
            ([subscription(1, "Blacklisted")], "dead", 1),
            ([], "none", 2),
        ):
            await finished(service, jobs - 1)
            service.app.state.listed = told
            assert await watch_all(service.database) == {service.connection: state}
        await finished(service, 2)
    assert addresses(seen) == [ADDRESS, "renew sub-1", "delete sub-1", ADDRESS, ADDRESS]
