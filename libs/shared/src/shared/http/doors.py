"""Doors: paths so hot that the framework's way to a route would be most of what a request costs."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from shared.http import problems

# What answers a POST to a path that begins with the prefix it is listed under.
Doors = Mapping[str, Callable[[Request], Awaitable[Response]]]


def opened_by(doors: Doors, scope: Scope) -> Callable[[Request], Awaitable[Response]] | None:
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    return next((door for prefix, door in doors.items() if scope["path"].startswith(prefix)), None)


async def answer(door: Callable[[Request], Awaitable[Response]], scope: Scope, receive: Receive, send: Send) -> None:
    """What it answers; its errors as problems, as those of a route."""
    request = Request(scope, receive)
    try:
        response = await door(request)
    except ClientDisconnect:
        return
    except Exception as error:  # noqa: BLE001 — as the framework does: whatever it is, there is an answer
        response = await problems.of(request, error)
    await response(scope, receive, send)
