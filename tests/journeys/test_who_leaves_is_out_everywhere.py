"""A user who is removed, and a key that is taken back, open no service any more within seconds."""

from typing import Any

import httpx

from tests.journeys.platform import Platform, eventually

# One route of each service that needs no more than to be somebody.
DOORS = {
    "records": "/v1/projects",
    "calls": "/v1/calls",
    "automations": "/v1/notifications",
    "analytics": "/v1/metrics",
}


def answers(platform: Platform, key: str) -> dict[str, int]:
    found = {}
    for service, path in DOORS.items():
        url = platform.urls[service] + path
        headers = {"authorization": f"Bearer {key}"}
        found[service] = httpx.get(url, headers=headers, trust_env=False, timeout=30).status_code
    return found


def hired(platform: Platform, name: str) -> tuple[Any, Any]:
    user = platform.post("records", "/v1/users", {"name": name, "email": f"{name}@leaving.example"})
    key = platform.post("records", "/v1/keys", {"name": name, "scopes": ["read", "write"], "user": user["id"]})
    eventually(lambda: set(answers(platform, key["key"]).values()) == {200})
    return user, key


def test_who_leaves_is_out_everywhere(platform: Platform) -> None:
    user, key = hired(platform, "leaver")
    with platform.client("records") as client:
        assert client.patch(f"/v1/users/{user['id']}", json={"active": False}).status_code == 200
    eventually(lambda: set(answers(platform, key["key"]).values()) == {401})


def test_a_key_taken_back_opens_nothing_anywhere(platform: Platform) -> None:
    _, key = hired(platform, "loser")
    with platform.client("records") as client:
        assert client.delete(f"/v1/keys/{key['id']}").status_code == 204
    eventually(lambda: set(answers(platform, key["key"]).values()) == {401})
