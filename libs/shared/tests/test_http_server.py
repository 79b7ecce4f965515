"""How a service is served: who is believed to have sent a request."""

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from shared.http.server import options
from shared.settings import ServiceSettings


async def who(scope: Scope, receive: Receive, send: Send) -> None:
    client = Request(scope, receive).client
    await PlainTextResponse(f"{client.host if client else None} {scope['scheme']}")(scope, receive, send)


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("198.51.100.7", "203.0.113.5", "198.51.100.7 http"),
        ("10.1.2.3", "203.0.113.5", "203.0.113.5 https"),
        ("10.1.2.3", "192.0.2.1, 203.0.113.5, 10.9.9.9", "203.0.113.5 https"),
        ("127.0.0.1", "203.0.113.5", "203.0.113.5 https"),
    ],
)
async def test_the_sender_is_whom_a_trusted_proxy_names_and_nobody_else(peer: str, forwarded: str, found: str) -> None:
    settings = ServiceSettings.model_validate({"database_url": "unused", "trusted_proxies": ["10.0.0.0/8"]})
    served = uvicorn.Config(who, **options(settings))
    served.load()
    transport = httpx.ASGITransport(app=served.loaded_app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.get("/", headers={"x-forwarded-for": forwarded, "x-forwarded-proto": "https"})
    assert answer.text == found
