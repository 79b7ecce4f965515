"""A provider's call history: it completes what webhooks told, and never doubles a call."""

import json
import time
from typing import Any

from fastapi import FastAPI, Request, Response
from services.calls.tests.running import Running
from services.calls.tests.standins import FastClock, backfill, quicken, served
from services.calls.tests.stories import EXPECTED, FIXTURES, bodies, expected_calls, live_secrets, sent

BASIC = "Basic aWQ6a2V5"
ANSWERED, MISSED = (EXPECTED[name]["provider_call_id"] for name in ("inbound_answered", "inbound_missed"))
OUTBOUND = EXPECTED["outbound_answered"]["provider_call_id"]
ENDED = [json.loads(body)["data"] for body in bodies() if json.loads(body)["event"] == "call.ended"]
# What a history of Aircall's does not tell.
ONLY_LIVE = ("tags", "hold_s", "talk_s", "wrap_up_s", "segments", "basis", "queue_s", "ring_s", "note", "recording")


def aircall(
    pages: list[list[dict[str, Any]]], troubles: list[Response] | None = None, seen: list[str] | None = None
) -> FastAPI:
    app = FastAPI()

    @app.get("/v1/calls")
    async def calls(request: Request, page: int = 1) -> Any:
        if seen is not None:
            seen.append(str(request.url.query))
        if request.headers["authorization"] != BASIC:
            return Response("{}", 403)
        if troubles:
            return troubles.pop(0)
        link = f"{request.base_url}v1/calls?page={page + 1}" if page < len(pages) else None
        return {"meta": {"total": sum(map(len, pages)), "next_page_link": link}, "calls": pages[page - 1]}

    return app


async def connect(service: Running, address: str, **secrets: str) -> FastClock:
    clock = FastClock()
    quicken(service, clock)
    known = {"token": "test-aircall-webhook-token", "api_id": "id", "api_token": "key"} | secrets
    await service.connect_to("aircall", known, settings={"api_url": address})
    return clock


async def test_history_completes_what_webhooks_told_and_doubles_nothing(service: Running) -> None:
    async with served(aircall([ENDED[:2], ENDED[2:]])) as address:
        await connect(service, address)
        await service.deliver(bodies("inbound_answered"))
        before = await service.call(ANSWERED)
        job = await backfill(service)
        assert (job["state"], job["done"], job["total"]) == ("done", len(ENDED), len(ENDED))
        assert job["result"] == {"calls": len(ENDED), "new": len(ENDED)}
        assert await service.call(ANSWERED) == before
        for scenario in ("outbound_answered", "inbound_missed"):
            call = await service.call(EXPECTED[scenario]["provider_call_id"])
            known = {name: value for name, value in EXPECTED[scenario].items() if name not in ONLY_LIVE}
            assert {name: call[name] for name in known} == known
        assert (await service.call(OUTBOUND))["hold_s"] is None
        assert (await backfill(service))["result"] == {"calls": len(ENDED), "new": 0}
        assert len((await service.get("/v1/calls"))["items"]) == len(ENDED)


async def test_the_gap_report_names_what_no_webhook_told_and_what_the_history_does_not_have(service: Running) -> None:
    async with served(aircall([[call for call in ENDED if str(call["id"]) in (ANSWERED, MISSED)]])) as address:
        await connect(service, address)
        await service.deliver(bodies("inbound_answered") + bodies("outbound_answered"))
        path, period = f"/v1/connections/{service.connection}/gaps", {"from": "2025-11-18T00:00:00Z"}
        assert (await service.get(path, **period))["unconfirmed"]["number"] == 0
        await backfill(service)
        report = await service.get(path, **period)
        assert [each["provider_call_id"] for each in report["missed"]["calls"]] == [MISSED]
        assert [each["provider_call_id"] for each in report["unconfirmed"]["calls"]] == [OUTBOUND]
        assert [each["calls"] for each in report["read"]] == [2]


async def test_a_provider_that_wants_us_slower_is_obeyed(service: Running) -> None:
    reset = {"x-aircallapi-reset": str(int(time.time()) + 30)}
    troubles = [
        Response("", 429, {"retry-after": "17"}),
        Response("", 429, reset),
        Response("", 429),
        Response("", 500),
    ]
    async with served(aircall([ENDED[:1], ENDED[1:2], ENDED[2:]], troubles)) as address:
        clock = await connect(service, address)
        assert (await backfill(service))["state"] == "done"
    assert [seconds for seconds in clock.slept if seconds in (17, 60)] == [17, 60]
    assert [seconds for seconds in clock.slept if 25 < seconds <= 30]
    assert sum(clock.slept) >= 6 * 60 / 110


async def test_what_cannot_go_on_says_why_and_is_taken_up_where_it_stopped(service: Running) -> None:
    async with served(aircall([ENDED], [Response("", 500)] * 6)) as address:
        await connect(service, address)
        job = await backfill(service)
        assert job["state"] == "failed"
        assert job["error"].startswith("127.0.0.1 failed 6 times; the last answer was 500")
        await connect(service, address, api_token="wrong")
        assert "403" in (await backfill(service))["error"]


async def test_our_credentials_go_nowhere_else(service: Running) -> None:
    app = FastAPI()

    @app.get("/v1/calls")
    async def calls() -> Any:
        return {"meta": {"next_page_link": "http://169.254.169.254/latest"}, "calls": []}

    async with served(app) as address:
        await connect(service, address)
        assert "do not belong" in (await backfill(service))["error"]


async def test_history_needs_credentials_and_a_period(service: Running) -> None:
    await service.connect()
    path = f"/v1/connections/{service.connection}/backfill"
    answer = await service.client.post(path, json={"from": "2025-11-18T00:00:00Z"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/secrets/api_id")
    await connect(service, "http://127.0.0.1:9")
    path = f"/v1/connections/{service.connection}/backfill"
    answer = await service.client.post(path, json={"from": "2025-11-18T00:00:00Z", "to": "2025-11-17T00:00:00Z"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/to")


def cloudtalk() -> FastAPI:
    app = FastAPI()
    index = json.loads((FIXTURES / "cloudtalk/history.calls_index.json").read_text())
    detail = json.loads((FIXTURES / "cloudtalk/history.call_detail.json").read_text())

    @app.get("/api/calls/index.json")
    async def calls() -> Any:
        return index

    @app.get("/api/calls/{number}")
    async def one(number: int) -> Any:
        return detail if number == detail["cdr_id"] else Response("{}", 404)

    return app


async def test_cloudtalks_history_knows_the_queue_the_hold_and_the_tags(clocked: Running) -> None:
    async with served(cloudtalk()) as address:
        quicken(clocked, FastClock())
        secrets = {name: values[0] for name, values in live_secrets("cloudtalk").items()}
        await clocked.connect_to(
            "cloudtalk", secrets | {"api_key_id": "id", "api_key_secret": "key"}, settings={"api_url": address}
        )
        for request in sent("cloudtalk"):
            await clocked.send(request)
        await clocked.settled()
        assert (await backfill(clocked))["state"] == "done"
    completed = json.loads((FIXTURES / "cloudtalk/after_history.json").read_text())
    for scenario, fields in completed.items():
        call = await clocked.call(expected_calls("cloudtalk")[scenario]["provider_call_id"])
        assert {name: call[name] for name in fields} == fields
        assert not call["ended_at_estimated"]
