"""Pages hold while others write."""

import asyncio
import random
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from services.records.tests.running import Api

PROJECT = {
    "key": "things",
    "name": "Things",
    "lists": [{"key": "all", "name": "All"}],
    "fields": [
        {"key": "size", "name": "Size", "type": "number"},
        {"key": "half", "name": "Half", "type": "formula", "config": {"expression": "{size} / 2"}},
    ],
}


async def put_in(api: Api, titles: list[str]) -> None:
    """Many with the same size, some with none: the order must be total all the same."""
    chance = random.Random(5)
    items = [
        {"title": title, "values": {} if (size := chance.randint(0, 9)) == 0 else {"size": size}} for title in titles
    ]
    for start in range(0, len(items), 1_000):
        await api.post("/v1/projects/things/records/bulk", {"items": items[start : start + 1_000]})


async def walk(api: Api, **question: Any) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = await api.query("things", limit=100, cursor=cursor, **question)
        seen += [each["title"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return seen


@pytest.mark.parametrize(
    "sort",
    [[], [{"field": "size"}], [{"field": "half", "descending": True}], [{"field": "created_at"}, {"field": "title"}]],
    ids=["board", "number", "formula", "time and text"],
)
async def test_no_record_is_lost_or_doubled_while_others_write(api: Api, sort: list[Any]) -> None:
    await api.post("/v1/projects", PROJECT)
    there = [f"there {number:04d}" for number in range(1_200)]
    await put_in(api, there)
    writing = asyncio.create_task(keep_writing(api))
    seen = await walk(api, sort=sort)
    writing.cancel()
    assert sorted(title for title in seen if title.startswith("there")) == there
    assert len(seen) == len(set(seen))


async def keep_writing(api: Api) -> None:
    for number in range(10_000):
        await api.post("/v1/projects/things/records", {"title": f"new {number}", "values": {"size": number % 10}})


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzEsMl0", "W251bGwsbnVsbF0", "WyIxIiwiAAAiXQ", "4pyT"])
@pytest.mark.parametrize("sort", [[], [{"field": "size"}], [{"field": "title"}]], ids=["board", "number", "text"])
async def test_a_foreign_cursor_is_refused(shared_api: Api, cursor: str, sort: list[Any]) -> None:
    known = [each["key"] for each in (await shared_api.get("/v1/projects"))["items"]]
    if "things" not in known:
        await shared_api.post("/v1/projects", PROJECT)
    question = {"cursor": cursor, "sort": sort}
    problem = await shared_api.post("/v1/projects/things/records/query", question, status=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/cursor"]


async def test_lists_of_other_things_come_in_pages_too(shared_api: Api) -> None:
    for number in range(3):
        await shared_api.post("/v1/users", {"name": f"User {number}", "email": f"user{number}@example.com"})
        await shared_api.post("/v1/keys", {"name": f"Key {number}", "scopes": ["read"]})
        await shared_api.post("/v1/projects", {"key": f"page_{number}", "name": "Page"})
    for noun in ("users", "keys", "projects"):
        items, cursor = [], ""
        while cursor is not None:
            page = await shared_api.get(f"/v1/{noun}?limit=2" + (f"&cursor={cursor}" if cursor else ""))
            items += [each["id"] for each in page["items"]]
            cursor = page["next_cursor"]
        assert len(items) == len(set(items)) >= 3


async def test_every_list_refuses_a_foreign_cursor(shared_api: Api) -> None:
    lists = [path for path, parts in shared_api.app.openapi()["paths"].items() if is_a_list(parts) and "{" not in path]
    assert len(lists) >= 8
    for path in lists:
        strange = '["abc"]' if path != "/v1/keys" else '["\\u0000"]'  # a key's id may be any text
        for keys in (strange, "null", "[1.5]", '["0001-01-01T00:00:00+23:59", "x"]', "[[]]"):
            cursor = urlsafe_b64encode(keys.encode()).decode().rstrip("=")
            await shared_api.get(f"{path}?cursor={cursor}", status=422)


def is_a_list(parts: dict[str, Any]) -> bool:
    return any(each["name"] == "cursor" for each in parts.get("get", {}).get("parameters", ()))
