"""Asking for a person: who it is must be clear, and only administrators may."""

from typing import Any

import pytest
from services.records.tests.running import Api


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"phone": "0612345678"}, ["/phone"]),
        ({"email": "jan at example"}, ["/email"]),
        ({"phone": "+31612345678", "name": "Jan"}, ["/name"]),
        ({}, []),
    ],
)
@pytest.mark.parametrize("path", ["/v1/persons/erase", "/v1/persons/export"])
async def test_it_must_be_clear_who_is_meant(api: Api, path: str, body: Any, pointers: list[str]) -> None:
    problem = await api.post(path, body, status=422)
    assert [each["pointer"] for each in problem.get("errors", [])] == pointers


async def test_only_administrators_may(api: Api) -> None:
    key = (await api.post("/v1/keys", {"name": "clerk", "scopes": ["read", "write"]}))["key"]
    answer = await api.as_key(key).post("/v1/persons/erase", json={"phone": "+31612345678"})
    assert answer.status_code == 403


async def test_an_export_says_where_its_file_will_be_and_until_when(api: Api) -> None:
    begun = await api.post("/v1/persons/export", {"email": "Jan@Example.com"})
    assert (begun["state"], begun["file"]) == ("waiting", None)
    assert begun["expires_at"] > begun["created_at"]
    assert (await api.get(f"/v1/persons/exports/{begun['id']}/file", status=409))["status"] == 409
