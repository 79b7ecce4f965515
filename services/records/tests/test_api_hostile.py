"""Whatever is sent, the answer is a 4xx that says why: never a 500, never half a change."""

import asyncio
import itertools
from typing import Any

import pytest
from services.records.tests.running import Api

ID = "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11"
PROJECT = {
    "key": "things",
    "name": "Things",
    "lists": [{"key": "all", "name": "All"}, {"key": "more", "name": "More"}],
    "fields": [
        {"key": "note", "name": "Note", "type": "long_text"},
        {"key": "a", "name": "A", "type": "text"},
        {"key": "b", "name": "B", "type": "text"},
        {"key": "parent", "name": "Parent", "type": "reference", "config": {"project": "things", "multiple": True}},
    ],
}
PATHS = ["%00", "nothing", ID, "..%2F..", "%F0%9F%92%A9", "x" * 3000, "' OR 1=1 --", "%ED%A0%80"]
BODIES: list[bytes] = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'"text"',
    b'{"title": null}',
    b'{"title": 5}',
    b'{"title": "\\u0000"}',
    b'{"title": "\\ud800"}',
    b'{"title": "\xff"}',
    b'{"title": "x", "values": []}',
    b'{"title": "x", "values": {"\\ud800": 1}}',
    b'{"title": "x", "values": {"a": "\\ud800"}}',
    b'{"title": "x", "values": {"a": {"deep": [1]}}}',
    b'{"title": "x", "values": {"parent": ["x"]}}',
    b'{"title": "x", "values": {"parent": [null]}}',
    b'{"title": "x", "tags": [1]}',
    b'{"title": "x", "tags": "seo"}',
    b'{"title": "x", "assignees": ["x"]}',
    b'{"title": "x", "due_at": "tomorrow"}',
    b'{"title": "x", "due_at": 1e400}',
    b'{"title": "x", "list": "\\u0000"}',
    b'{"title": "x", "unknown": 1}',
    b'{"title": "x", "values": {"a": NaN}}',
    b'{"title": "x", "values": ' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}",
]


@pytest.fixture
def paths() -> list[tuple[str, str]]:
    patterns = [
        ("GET", "/v1/projects/{}"),
        ("PATCH", "/v1/projects/{}"),
        ("DELETE", "/v1/projects/{}"),
        ("GET", "/v1/projects/{}/fields"),
        ("DELETE", "/v1/projects/things/fields/{}"),
        ("DELETE", "/v1/projects/things/lists/{}"),
        ("DELETE", "/v1/projects/things/tags/{}"),
        ("GET", "/v1/records/{}"),
        ("DELETE", "/v1/records/{}"),
        ("POST", "/v1/records/{}/restore"),
        ("GET", "/v1/records/{}/activities"),
        ("GET", "/v1/records/{}/history"),
        ("PATCH", "/v1/activities/{}"),
        ("GET", "/v1/users/{}"),
        ("DELETE", "/v1/keys/{}"),
        ("POST", "/v1/templates/{}/install"),
    ]
    return [(method, pattern.format(path)) for (method, pattern), path in itertools.product(patterns, PATHS)]


async def test_no_address_breaks_it(shared_api: Api, paths: list[tuple[str, str]]) -> None:
    for method, path in paths:
        answer = await shared_api.client.request(method, path, json={} if method in ("POST", "PATCH") else None)
        assert 400 <= answer.status_code < 500, (method, path, answer.text)


@pytest.mark.parametrize("path", ["records", "records/query", "records/bulk", "fields", "lists", "tags"])
async def test_no_body_breaks_it(api: Api, path: str) -> None:
    await api.post("/v1/projects", PROJECT)
    for body in BODIES:
        headers = {"content-type": "application/json"}
        answer = await api.client.post(f"/v1/projects/things/{path}", content=body, headers=headers)
        assert 400 <= answer.status_code < 500, (body[:80], answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert await api.titles("things") == []


@pytest.mark.parametrize(
    "condition",
    [
        5,
        "x",
        [1],
        {"field": "a"},
        {"field": "a", "op": "like", "value": "x"},
        {"field": "a", "op": "eq", "value": {"x": 1}},
        {"field": "title", "op": "eq", "value": 5},
        {"all": {"field": "a"}},
        {"any": [{"not": None}]},
        {"field": "created_at", "op": "within_last", "value": "a week"},
        {"relation": "things.nothing", "op": "exists"},
        {"field": "parent.parent.nothing", "op": "is_empty"},
        {"field": "a", "op": "eq", "value": "\x00"},
    ],
)
async def test_no_filter_breaks_it(shared_api: Api, condition: Any) -> None:
    if "hostile" not in [each["key"] for each in (await shared_api.get("/v1/projects"))["items"]]:
        fields = [each for each in PROJECT["fields"] if each["key"] != "parent"]  # type: ignore[index]
        parent = {"key": "parent", "name": "P", "type": "reference", "config": {"project": "hostile"}}
        await shared_api.post("/v1/projects", PROJECT | {"key": "hostile", "fields": [*fields, parent]})
    answer = await shared_api.client.post("/v1/projects/hostile/records/query", json={"filter": condition})
    assert answer.status_code in (200, 422), answer.text


async def test_a_record_too_large_for_the_bus_is_refused(api: Api) -> None:
    fields = [{"key": f"note_{n}", "name": f"Note {n}", "type": "long_text"} for n in range(12)]
    await api.post("/v1/projects", {"key": "things", "name": "Things", "fields": fields})
    values = {f"note_{n}": "é" * 20_000 for n in range(12)}
    problem = await api.post("/v1/projects/things/records", {"title": "x", "values": values}, status=422)
    assert problem["errors"][0]["pointer"] == "/values"
    values = {f"note_{n}": "é" * 20_000 for n in range(4)}
    await api.post("/v1/projects/things/records", {"title": "x", "values": values}, status=201)


async def test_changes_at_the_same_time_are_all_kept(api: Api) -> None:
    await api.post("/v1/projects", PROJECT)
    made = await api.post("/v1/projects/things/records", {"title": "x"})
    path = f"/v1/records/{made['id']}"
    writes = [api.patch(path, {"values": {"a": f"a{n}"}}) for n in range(8)]
    writes += [api.patch(path, {"values": {"b": f"b{n}"}}) for n in range(8)]
    writes += [api.post(f"{path}/move", {"list": "more"})]
    answers = await asyncio.gather(*writes)
    versions = [answer["version"] for answer in answers]
    assert sorted(versions) == list(range(2, 19))
    newest = max(answers, key=lambda answer: answer["version"])
    assert await api.get(path) == newest
    assert {"a", "b"} <= set(newest["values"])
    history = await api.get(f"{path}/history?limit=100")
    assert [each["version"] for each in history["items"]] == list(range(18, 0, -1))


async def test_schemas_changed_at_the_same_time_are_all_kept(api: Api) -> None:
    await api.post("/v1/projects", {"key": "things", "name": "Things"})
    bodies = [{"key": f"f{n}", "name": f"F{n}", "type": "number"} for n in range(8)]
    await asyncio.gather(*(api.post("/v1/projects/things/fields", body) for body in bodies))
    project = await api.get("/v1/projects/things")
    assert (len(project["fields"]), project["version"]) == (8, 9)
    assert sorted(each["position"] for each in project["fields"]) == list(range(8))


async def test_a_link_to_itself_or_around_is_no_cycle_of_values(api: Api) -> None:
    name = {"key": "up", "name": "Up", "type": "lookup", "config": {"path": ["parent", "title"]}}
    await api.post("/v1/projects", PROJECT | {"fields": [*PROJECT["fields"], name]})
    one = await api.post("/v1/projects/things/records", {"title": "one"})
    two = await api.post("/v1/projects/things/records", {"title": "two", "values": {"parent": [one["id"]]}})
    body = {"values": {"parent": [two["id"], one["id"]]}}
    changed = await api.patch(f"/v1/records/{one['id']}", body)
    assert changed["values"] == {"parent": [two["id"], one["id"]], "up": ["two", "one"]}


async def test_one_address_makes_one_user_however_many_ask(api: Api) -> None:
    body = {"name": "Jo", "email": "jo@example.com"}
    answers = await asyncio.gather(*(api.client.post("/v1/users", json=body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_no_record_slips_into_a_list_that_goes(api: Api) -> None:
    for number in range(6):
        await api.post("/v1/projects", PROJECT | {"key": f"p{number}", "fields": []})
        made = [
            api.client.post(f"/v1/projects/p{number}/records", json={"title": "x", "list": "more"}) for _ in range(4)
        ]
        *records, removed = await asyncio.gather(*made, api.client.delete(f"/v1/projects/p{number}/lists/more"))
        assert {record.status_code for record in records} <= {201, 409, 422}
        there = await api.titles(f"p{number}")
        assert len(there) == sum(record.status_code == 201 for record in records)
        assert removed.status_code == (409 if there else 204)
