"""A door answers without the framework, and its errors are problems all the same."""

import json
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from shared.errors import NotFound
from shared.http import doors


async def hello(request: Request) -> Response:
    return Response(b"hello " + await request.body())


async def nobody(_request: Request) -> Response:
    raise NotFound("Nobody is at home.")


async def broken(_request: Request) -> Response:
    raise ZeroDivisionError


async def posted(door: Any, *, gone: bool = False) -> tuple[int, bytes]:
    """Status and body of the answer; of one who is gone there is none."""
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"} if gone else {"type": "http.request", "body": b"you"}

    async def send(message: Any) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b"", "app": FastAPI()}
    await doors.answer(door, scope, receive, send)
    return (told[0]["status"], told[1]["body"]) if told else (0, b"")


async def test_it_answers_and_its_errors_are_problems() -> None:
    assert await posted(hello) == (200, b"hello you")
    assert await posted(hello, gone=True) == (0, b"")
    status, body = await posted(nobody)
    assert (status, json.loads(body)["detail"]) == (404, "Nobody is at home.")
    status, body = await posted(broken)
    assert (status, json.loads(body)["title"]) == (500, "Internal error")


@pytest.mark.parametrize(
    ("method", "path", "opens"), [("POST", "/hooks/x", True), ("GET", "/hooks/x", False), ("POST", "/hook", False)]
)
def test_only_what_is_posted_below_its_path_comes_to_it(method: str, path: str, *, opens: bool) -> None:
    scope = {"type": "http", "method": method, "path": path}
    assert (doors.opened_by({"/hooks/": hello}, scope) is hello) is opens
