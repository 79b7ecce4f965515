"""Keys are shown once; users are who records are assigned to."""

from typing import Any

import pytest
from services.records.tests.running import ADMIN_KEY, Api, bearer, settings
from sqlalchemy import select

from records.main import prepare
from shared.database.tables import api_key, idempotency
from shared.http.keys import key_id, new_key


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(api: Api) -> None:
    made = await api.post("/v1/keys", {"name": "Website", "scopes": ["read"]}, status=201)
    assert made["id"] == key_id(made["key"])
    client = api.as_key(made["key"])
    assert (await client.get("/v1/projects")).status_code == 200
    assert (await client.post("/v1/projects", json={"key": "x", "name": "X"})).status_code == 403
    assert (await client.get("/v1/keys")).status_code == 403
    listed = (await api.get("/v1/keys"))["items"]
    assert {each["name"] for each in listed} == {"Administrator", "Website"}
    assert made["key"] not in str(listed)
    await api.delete(f"/v1/keys/{made['id']}", status=204)
    assert (await client.get("/v1/projects")).status_code == 401
    await api.delete("/v1/keys/nothing", status=404)
    await api.delete("/v1/keys/%00", status=404)


async def test_a_key_is_kept_nowhere_not_even_as_an_answer(api: Api) -> None:
    made = await api.post("/v1/keys", {"name": "Website", "scopes": ["read"]}, idempotency_key="k-1")
    await api.post("/v1/keys", {"name": "Website", "scopes": ["read"]}, idempotency_key="k-1", status=409)
    async with api.database.begin() as connection:
        bodies = (await connection.execute(select(idempotency.c.body))).scalars().all()
        hashes = (await connection.execute(select(api_key.c.hash))).scalars().all()
    assert len(bodies) == 1
    assert made["key"].encode() not in b"".join(bodies)
    assert made["key"] not in hashes


async def test_a_key_gives_no_more_than_it_has(api: Api) -> None:
    lesser = await api.post("/v1/keys", {"name": "Ops", "scopes": ["read", "admin"]})
    client = api.as_key(lesser["key"])
    assert (await client.post("/v1/keys", json={"name": "x", "scopes": ["read"]})).status_code == 201
    assert (await client.post("/v1/keys", json={"name": "x", "scopes": ["write"]})).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "", "scopes": ["read"]},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["read"], "user": "nobody"},
        {"name": "x", "scopes": ["read"], "user": "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11"},
        {"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00"},
    ],
)
async def test_an_impossible_key_is_refused(api: Api, body: dict[str, Any]) -> None:
    await api.post("/v1/keys", body, status=422)


async def test_what_a_users_key_does_is_the_users(api: Api) -> None:
    user = await api.post("/v1/users", {"name": "Jo", "email": "jo@example.com"})
    made = await api.post("/v1/keys", {"name": "Jo's", "scopes": ["read", "write"], "user": user["id"]})
    await api.post("/v1/projects", {"key": "deals", "name": "Deals"})
    answer = await api.as_key(made["key"]).post("/v1/projects/deals/records", json={"title": "x"})
    history = await api.get(f"/v1/records/{answer.json()['id']}/history")
    assert history["items"][0]["actor"] == f"user:{user['id']}"


async def test_a_user_is_changed_part_by_part(api: Api) -> None:
    user = await api.post(
        "/v1/users", {"name": "Jo", "email": "Jo@Example.com", "teams": ["sales", "sales"]}, status=201
    )
    assert (user["email"], user["teams"], user["version"]) == ("Jo@example.com", ["sales"], 1)
    changed = await api.patch(f"/v1/users/{user['id']}", {"skills": ["north"], "active": False})
    assert changed == user | {"skills": ["north"], "active": False, "version": 2}
    assert await api.patch(f"/v1/users/{user['id']}", {"active": False}) == changed
    assert await api.get(f"/v1/users/{user['id']}") == changed
    await api.post("/v1/users", {"name": "Other", "email": "jo@example.com"}, status=409)
    await api.post("/v1/users", {"name": "Other", "email": "jo"}, status=422)
    await api.patch(f"/v1/users/{user['id']}", {"name": ""}, status=422)
    await api.get("/v1/users/nobody", status=404)
    await api.patch("/v1/users/nobody", {}, status=404)


async def test_a_user_may_be_away_and_have_enough(api: Api) -> None:
    user = await api.post("/v1/users", {"name": "Jo", "email": "jo@away.example", "capacity": 40}, status=201)
    assert (user["away_until"], user["capacity"]) == (None, 40)
    path = f"/v1/users/{user['id']}"
    away = await api.patch(path, {"away_until": "2026-08-17T09:00:00+02:00"})
    assert away["away_until"] == "2026-08-17T07:00:00Z"
    problem = await api.patch(path, {"away_until": "soon"}, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/away_until"]
    assert (await api.patch(path, {"away_until": None, "capacity": None}))["capacity"] is None


async def test_a_start_makes_the_first_keys_and_tells_everything_again(api: Api) -> None:
    await api.post("/v1/projects", {"key": "deals", "name": "Deals"})
    await api.post("/v1/users", {"name": "Jo", "email": "jo@example.com"})
    service = new_key()
    configured = settings(api.database.url, automations_key=service)
    first = await told(api)
    await prepare(api.database, settings=configured)
    again = await told(api)
    assert set(first) < set(again)
    assert {each["type"] for each in again.values()} == {
        "records.project.changed.v1",
        "records.user.changed.v1",
        "records.key.changed.v1",
    }
    await prepare(api.database, settings=configured)
    assert set(await told(api)) == set(again)
    client = api.as_key(service)
    client.headers.update(bearer(service))
    assert (await client.get("/v1/projects")).status_code == 200
    assert (await api.as_key(ADMIN_KEY).get("/v1/keys")).status_code == 200


async def told(api: Api) -> dict[str, dict[str, Any]]:
    """What was told so far, by the event's id: a repeat has the id of what it repeats."""
    from services.records.tests.test_events import published

    return {each["id"]: each for each in await published(api)}
