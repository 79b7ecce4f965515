"""Forms and links that anybody may open, and what they do with bodies that nobody should send."""

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from services.records.tests.running import Api
from tests.fuzz.mutations import bent

# By hand, TRUNKLINE_FUZZED=2000.
BODIES = int(os.environ.get("TRUNKLINE_FUZZED", "40"))
FORM = {
    "key": "ask",
    "title": "Ask",
    "fields": [{"key": key} for key in ("title", "email", "phone", "size", "born", "trade", "trades", "description")],
    "protection": {"min_fill_seconds": 0, "rate_limit": {"per_ip": "100000/60s", "per_form": "100000/60s"}},
    "on_submit": [{"dedupe": {"match": ["email", "phone"], "action": "attach_to_existing"}}],
}
OPTIONS = {"options": [{"key": "it", "name": "IT"}, {"key": "food", "name": "Food"}]}
FIELDS = {
    "email": "email",
    "phone": "phone",
    "size": "number",
    "born": "date",
    "trade": "select",
    "trades": "multi_select",
}
ANSWERS = [
    b'{"title": "Smit", "email": "a@smit.example", "phone": "+31207946000", "size": "7", "born": "1980-02-29"}',
    b'{"values": {"title": "Bos", "trade": "food", "trades": ["it"], "description": "Call me"}, "_token": null}',
    b'{"title": "Robot", "email": "x@robot.example", "_homepage": "http://spam.example"}',
]
WRITTEN = [
    b"title=Smit&email=a%40smit.example&phone=%2B31207946000&size=7&born=1980-02-29&trades=it&trades=food",
    b"title=Robot&_homepage=http%3A%2F%2Fspam.example&description=%0D%0A",
]


@pytest_asyncio.fixture(loop_scope="session")
async def form(api: Api) -> str:
    """Its slug."""
    fields = [
        {"key": key, "name": key, "type": kind, "config": OPTIONS if "select" in kind else {}}
        for key, kind in FIELDS.items()
    ]
    lists = [{"key": "new", "name": "New", "category": "open"}]
    await api.post("/v1/projects", {"key": "people", "name": "People", "lists": lists, "fields": fields}, status=201)
    made = await api.post("/v1/projects/people/forms", FORM, status=201)
    return str(made["slug"])


async def attacked(api: Api, path: str, bodies: list[bytes], bend: Callable[[bytes], bytes], kind: str) -> Counter[int]:
    """How often each status was the answer."""
    chance, answers = random.Random(path), Counter[int]()
    transport = httpx.ASGITransport(api.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://records") as stranger:
        for number in range(BODIES):
            body = bend(bent(chance, bodies, number))
            answer = await stranger.post(path, content=body, headers={"content-type": kind})
            assert answer.status_code < 500, (answer.text, body[:500])
            answers[answer.status_code] += 1
    return answers


async def test_answers_to_a_form_are_taken_or_turned_away(api: Api, form: str) -> None:
    answers = await attacked(api, f"/v1/forms/{form}/submissions", ANSWERS, bytes, "application/json")
    assert answers[201]
    assert answers[422]
    kept = (await api.get("/v1/projects/people/forms/ask/submissions?limit=500"))["items"]
    assert len(kept) == min(answers[201], 500)


async def test_pages_of_a_form_sent_back_are_taken_or_shown_again(api: Api, form: str) -> None:
    transport = httpx.ASGITransport(api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://records") as visitor:
        shown = (await visitor.get(f"/v1/forms/{form}")).json()["token"]

    def with_token(body: bytes) -> bytes:
        return body + f"&_token={shown}".encode()

    kind = "application/x-www-form-urlencoded"
    assert (await attacked(api, f"/forms/{form}", WRITTEN, with_token, kind))[422]


@pytest.mark.parametrize(
    "path",
    [
        "/unsubscribe/%00",
        "/unsubscribe/" + "a" * 9_000,
        "/unsubscribe/a.b.%ED%A0%80",
        "/forms/%00",
        "/v1/forms/%F0%9F%98%80",
    ],
)
async def test_links_that_were_guessed_lead_nowhere(api: Api, form: str, path: str) -> None:
    transport = httpx.ASGITransport(api.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://records") as stranger:
        for answer in (await stranger.get(path), await stranger.post(path), await stranger.get(f"{path}?language=%00")):
            assert 400 <= answer.status_code < 500, answer.text


async def test_a_robot_does_not_fill_the_database(api: Api, form: str) -> None:
    transport = httpx.ASGITransport(api.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://records") as stranger:
        said: dict[str, Any] = {"title": "Robot", "_homepage": "x", "description": "y" * (1 << 20)}
        assert (await stranger.post(f"/v1/forms/{form}/submissions", json=said)).status_code == 413
        assert (await stranger.post(f"/forms/{form}", data=said)).status_code == 413
