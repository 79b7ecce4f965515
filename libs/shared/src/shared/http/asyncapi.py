"""The events a service consumes and publishes, as AsyncAPI 3."""

from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from faststream.nats import NatsBroker
from faststream.specification import AsyncAPI
from faststream.specification.asyncapi import get_asyncapi_html

router = APIRouter(tags=["docs"], include_in_schema=False)


def document(broker: NatsBroker, title: str, version: str) -> dict[str, Any]:
    """The AsyncAPI document. Message payloads are the ``data`` of their CloudEvents envelope."""
    described = _specification(broker, title, version).to_specification().to_json()
    parsed: dict[str, Any] = orjson.loads(described)
    return parsed


@router.get("/asyncapi.json")
async def as_json(request: Request) -> dict[str, Any]:
    app = request.app
    return document(app.state.running.broker, app.title, app.version)


@router.get("/asyncapi", response_class=HTMLResponse)
async def as_page(request: Request) -> str:
    app = request.app
    specification = _specification(app.state.running.broker, app.title, app.version).to_specification()
    return str(get_asyncapi_html(specification))


def _specification(broker: NatsBroker, title: str, version: str) -> AsyncAPI:
    return AsyncAPI(broker, title=title, version=version, schema_version="3.0.0")
