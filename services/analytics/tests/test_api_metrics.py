"""The API as its readers see it: contracts, refusals that name the place, and no crash where there is nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from services.analytics.tests.running import NOON, Running, abandoned, answered, call

from analytics.domain.facts import call_columns
from analytics.domain.metrics import catalogue
from shared.testing.service import PATIENCE_SECONDS, give_key

MARCH = {"from": "2026-03-01T00:00:00+01:00", "to": "2026-04-01T00:00:00+02:00"}
WORDS = {"better", "worse", "on_par", "inconclusive", "insufficient_data", "not_comparable", "no_benchmark"}
INJECTIONS = ["queue) FROM call --", "1", "r.id", "queue; DROP TABLE call", "`queue`", "queue'", "version", "trace_id"]


async def keep_month(service: Running) -> None:
    """400 calls on ten days of March, nine of ten of them answered soon."""
    calls = [
        (abandoned(number, 60.0, at=at) if number % 10 == 0 else answered(number, 8.0, at=at, queue="sales"))
        for number in range(400)
        for at in [NOON + timedelta(days=number // 40)]
    ]
    await service.clickhouse.insert("call", [call_columns(each) for each in calls])


async def test_each_metric_says_what_it_means(service: Running) -> None:
    items = {each["key"]: each for each in (await service.get("/v1/metrics"))["items"]}
    assert items.keys() == catalogue().keys()
    assert {"asa", "aht", "service_level", "abandonment_rate", "call_volume", "weighted_forecast"} <= items.keys()
    level = items["service_level"]
    assert level["definition_id"] == "service_level/SL-E/threshold_s=20/short_abandon_s=5"
    assert [each["key"] for each in level["variants"]] == ["SL-E", "SL-A", "SL-B", "SL-C", "SL-D", "SL-F"]
    dutch = await service.client.get("/v1/metrics/asa", headers={"accept-language": "nl-NL"})
    assert dutch.json()["definition"]["title"] == "Wachttijd tot antwoord"


async def test_a_value_comes_with_its_parts_and_its_doubt(service: Running) -> None:
    await keep_month(service)
    found = await service.get("/v1/metrics/service_level", **MARCH)
    assert (found["from"], found["to"]) == ("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
    assert found["timezone"] == "Europe/Amsterdam"
    (point,) = found["points"]
    assert (point["value"], point["numerator"], point["denominator"], point["n"]) == (0.9, 360, 400, 400)
    assert point["ci_low"] <= 0.9 <= point["ci_high"]
    assert (point["level"], point["clusters"]) == (0.95, 10)
    assert point["computed_from"] == {"wait_s": 1}
    variant = await service.get("/v1/metrics/service_level", variant="SL-B", **MARCH)
    assert (variant["definition"]["variant"], variant["points"][0]["value"]) == ("SL-B", 1)


async def test_values_are_grouped_put_in_buckets_and_filtered(service: Running) -> None:
    await keep_month(service)
    groups = (await service.get("/v1/metrics/call_volume", group_by="queue", **MARCH))["points"]
    assert {each["group"]: each["value"] for each in groups} == {"sales": 360, "unknown": 40}
    days = (await service.get("/v1/metrics/call_volume", bucket="day", **MARCH))["points"]
    assert len(days) == 31
    assert {each["bucket"]: each["value"] for each in days}["2026-03-10"] == 40
    tree = json.dumps({"all": [{"field": "outcome", "op": "eq", "value": "abandoned"}]})
    (point,) = (await service.get("/v1/metrics/call_volume", filter=tree, **MARCH))["points"]
    assert point["value"] == 40
    mean = (await service.get("/v1/metrics/asa", **MARCH))["points"][0]
    assert mean["median"] == {"value": 8, "ci_low": 8, "ci_high": 8}


async def test_a_question_that_makes_no_sense_is_refused_at_its_place(service: Running) -> None:
    async def at(pointer: str, metric: str = "call_volume", **asked: Any) -> None:
        assert any(each.startswith(pointer) for each in await service.refused(f"/v1/metrics/{metric}", **asked)), asked

    await at("/from", **{"from": "yesterday"})
    await at("/to", **{"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"})
    await at("/from", **{"from": "1990-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"})
    await at("/bucket", bucket="fortnight")
    await at("/variant", variant="SL-Z")
    await at("/group_by", group_by="nothing_like_it")
    await at("/group_by", metric="service_level", group_by="agent")
    await at("/project", project="opportunities")
    await at("/filter", filter="{")
    await at("/filter", filter='{"all": [{"field": "colour", "op": "eq", "value": "red"}]}')
    unknown = await service.client.get("/v1/metrics/happiness")
    assert unknown.status_code == 404
    assert "happiness" in unknown.json()["detail"]


async def test_sql_is_no_field_and_no_value(service: Running) -> None:
    await keep_month(service)
    for name in INJECTIONS:
        assert await service.refused("/v1/metrics/call_volume", group_by=name) == ["/group_by"]
        tree = json.dumps({"all": [{"field": name, "op": "eq", "value": "x"}]})
        assert await service.refused("/v1/metrics/call_volume", filter=tree)
    for value in ("' OR 1=1 --", "\\' OR 1=1 --", "{zone:String}", "sales\x00", "😀"):
        tree = json.dumps({"all": [{"field": "queue", "op": "eq", "value": value}]})
        answer = await service.client.get("/v1/metrics/call_volume", params={"filter": tree, **MARCH})
        assert answer.status_code in (200, 422)
        assert answer.status_code == 422 or answer.json()["points"][0]["value"] == 0
    assert (await service.get("/v1/metrics/call_volume", **MARCH))["points"][0]["value"] == 400


async def test_who_brings_no_key_sees_the_page_but_no_number(service: Running) -> None:
    for path in ("/v1/metrics", "/v1/metrics/asa", "/v1/comparisons", "/v1/benchmarks", "/v1/live"):
        answer = await service.client.get(path, headers={"authorization": ""})
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"
    page = await service.client.get("/", headers={"authorization": ""})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "javascript" in (await service.client.get("/web/app.js")).headers["content-type"]
    assert (await service.client.get("/web/..%2Fmain.py")).status_code == 404


async def test_on_an_empty_workspace_nothing_is_claimed_and_nothing_breaks(service: Running) -> None:
    for metric in catalogue():
        (point,) = (await service.get(f"/v1/metrics/{metric}"))["points"]
        assert point["value"] == 0 if metric in ("call_volume", "agent_adoption") else point["reason"], metric
    found = await service.get("/v1/comparisons")
    assert found["items"]
    assert {each["verdict"] for each in found["items"]} <= {"insufficient_data", "not_comparable", "no_benchmark"}
    grouped = (await service.get("/v1/comparisons", group_by="queue"))["items"]
    assert {each["metric"] for each in grouped} <= {key for key, each in catalogue().items() if each.source == "record"}


async def test_comparisons_give_a_verdict_with_all_that_led_to_it(service: Running) -> None:
    await keep_month(service)
    target = {"metric": "service_level", "value": 0.5, "name": "Ours"}
    assert (await service.client.post("/v1/benchmarks", json=target)).status_code == 201
    found = (await service.get("/v1/comparisons", industry="retail", region="NL", **MARCH))["items"]
    assert {each["verdict"] for each in found} <= WORDS
    assert [each["priority"] for each in found] == list(range(1, len(found) + 1))
    assert all(each["reason"] for each in found)
    (ours,) = (each for each in found if each["against"] == "target")
    assert (ours["verdict"], ours["value"], ours["n"], ours["clusters"]) == ("better", 0.9, 400, 10)
    assert (ours["gap_abs"], ours["gap_rel"]) == pytest.approx((0.4, 0.8))
    assert (ours["benchmark"]["source"], ours["benchmark"]["quality"], ours["level"]) == ("Ours", "own", 0.95)


async def test_targets_stand_before_the_benchmarks_that_came_along(service: Running) -> None:
    shipped = (await service.get("/v1/benchmarks"))["items"]
    assert shipped
    assert all(each["source"] for each in shipped)
    answer = await service.client.post("/v1/benchmarks", json={"metric": "asa", "high": 30, "name": "Quick"})
    assert answer.status_code == 201
    assert (answer.json()["low"], answer.json()["high"], answer.json()["quality"]) == (None, 30, "own")
    assert (await service.get("/v1/benchmarks"))["items"] == [answer.json(), *shipped]
    of_asa = (await service.get("/v1/benchmarks", metric="asa"))["items"]
    assert {each["metric"] for each in of_asa} == {"asa"}


async def test_a_target_that_makes_no_sense_is_refused(service: Running) -> None:
    nonsense: list[dict[str, Any]] = [
        {"metric": "asa"},
        {"metric": "asa", "value": 1, "low": 1},
        {"metric": "asa", "low": 2, "high": 1},
        {"metric": "asa", "value": 1, "variant": "SL-Z"},
    ]
    for body in nonsense:
        assert (await service.client.post("/v1/benchmarks", json=body)).status_code == 422, body
    assert (await service.client.post("/v1/benchmarks", json={"metric": "joy", "value": 1})).status_code == 404
    reader = {"authorization": f"Bearer {await give_key(service.database, ['read'])}"}
    answer = await service.client.post("/v1/benchmarks", json={"metric": "asa", "value": 1}, headers=reader)
    assert answer.status_code == 403


async def test_the_live_stream_tells_the_state_at_once(service: Running) -> None:
    await service.clickhouse.insert("call", [call_columns(call(1))])
    async with first_bytes(service, "/v1/live") as told:
        name, data = told.decode().strip().split("\n")
    assert name == "event: tick"
    tick = json.loads(data.removeprefix("data: "))
    counts = {"waiting", "ringing", "talking", "dialling", "ended_today", "longest_wait_s", "queues"}
    counts |= {"agents", "people"}
    assert tick.keys() == {"beats", "at", *counts}
    assert (tick["waiting"], tick["longest_wait_s"], tick["queues"]) == (0, None, [])


@asynccontextmanager
async def first_bytes(service: Running, path: str) -> AsyncIterator[bytes]:
    """The beginning of an answer that never ends; httpx's transport would wait for its end."""
    sent: asyncio.Queue[bytes] = asyncio.Queue()
    key = service.client.headers["authorization"].encode()
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
    }
    scope |= {"http_version": "1.1", "scheme": "http", "headers": [(b"authorization", key)], "asgi": {"version": "3.0"}}
    scope |= {"server": ("service", 80), "client": ("test", 1), "root_path": ""}

    incoming = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in incoming:
            return message
        await asyncio.sleep(3_600)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message.get("body"):
            await sent.put(message["body"])

    running = asyncio.create_task(service.app(scope, receive, send))
    try:
        yield await asyncio.wait_for(sent.get(), PATIENCE_SECONDS)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_comparisons_by_what_nothing_has_are_refused(service: Running) -> None:
    assert await service.refused("/v1/comparisons", group_by="nonsense") == ["/group_by"]
