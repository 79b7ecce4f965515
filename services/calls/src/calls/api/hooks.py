"""Where providers post to. 2xx: the bytes are safe. 401: wrong signature. 404: no such hook. 413, 503 as they say."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from opentelemetry.trace import SpanKind

from calls.domain.connection import Connection
from calls.domain.hook import HookRequest
from calls.domain.senders import Network, sender
from calls.usecases.take_delivery import Intake
from shared import telemetry
from shared.http.body import MEBIBYTE, bounded_body

PREFIX = "/hooks/"

router = APIRouter(tags=["hooks"])


@router.post("/hooks/{provider}/{token}", summary="A provider's webhook")
async def receive(provider: str, token: str, request: Request) -> Response:
    """Stored as it came, then acknowledged; what it says is read later."""
    return await _received(provider, token, request, rest="")


@router.post("/hooks/{provider}/{token}/{rest:path}", summary="The same, for providers that post to several addresses")
async def receive_below(provider: str, token: str, rest: str, request: Request) -> Response:
    return await _received(provider, token, request, rest)


async def door(request: Request) -> Response:
    """The same without the framework's way to a route, which would be half of what an acknowledgement takes."""
    provider, token, rest = [*request.scope["path"].removeprefix(PREFIX).split("/", 2), "", ""][:3]
    return await _received(provider, token, request, rest)


async def _received(provider: str, token: str, request: Request, rest: str) -> Response:
    # A span of our own: cheaper than what a middleware would note, and without the token.
    parent = request.headers.get("traceparent")
    with telemetry.span(f"POST /hooks/{provider}/…", parent=parent, kind=SpanKind.SERVER):
        intake: Intake = request.app.state.parts["intake"]
        connection = await intake.connection(provider, token)
        body = await bounded_body(request, MEBIBYTE)
        trusted: Sequence[Network] = request.app.state.parts["trusted_proxies"]
        received = partial(_hook_request, request, rest, body, await intake.now(), trusted)
        answer = await intake.take(connection, received)
        return Response(answer.body, answer.status, dict(answer.headers))


def _hook_request(
    request: Request, rest: str, body: bytes, received_at: datetime, trusted: Sequence[Network], connection: Connection
) -> HookRequest:
    query = request.url.query
    told = connection.public_url or str(request.url.replace(path=connection.hook_path, query=""))
    address = f"{told.rstrip('/')}/{_as_sent(request, connection, rest)}" if rest else told
    return HookRequest(
        body=body,
        received_at=received_at,
        headers={name: value.replace("\0", "\ufffd") for name, value in request.headers.items()},
        url=f"{address}?{query}" if query else address,
        path=rest.replace("\0", "\ufffd"),
        query=query,
        settings=connection.settings,
        sender=sender(_peer(request), request.headers.getlist("x-forwarded-for"), trusted),
    )


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _as_sent(request: Request, connection: Connection, rest: str) -> str:
    """The same with its escapes, which a signature covers."""
    _, found, escaped = request.scope.get("raw_path", b"").decode("latin-1").partition(f"{connection.hook_path}/")
    return escaped if found else rest
