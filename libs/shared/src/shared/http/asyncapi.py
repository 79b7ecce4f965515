"""The events a service consumes and publishes, as AsyncAPI 3: each as it travels, in its CloudEvents envelope."""

from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from faststream.nats import NatsBroker
from faststream.specification import AsyncAPI
from faststream.specification.asyncapi import get_asyncapi_html

from shared.contracts import Envelope, event_types

router = APIRouter(tags=["docs"], include_in_schema=False)
SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True)
class Document:
    """FastStream's description of the broker, which knows events by their ``data`` alone, made true of the bus."""

    title: str
    content: dict[str, Any]

    def to_jsonable(self) -> Any:
        return self.content

    def to_json(self) -> str:
        return orjson.dumps(self.content).decode()

    def to_yaml(self) -> str:
        return self.to_json()  # JSON is YAML


def document(broker: NatsBroker, title: str, version: str) -> Document:
    told = AsyncAPI(broker, title=title, version=version, schema_version="3.0.0").to_specification().to_json()
    content: dict[str, Any] = orjson.loads(told)
    messages, schemas = content["components"]["messages"], content["components"]["schemas"]
    for channel in content["channels"].values():
        for each in channel["messages"].values():
            message = messages[each["$ref"].rpartition("/")[2]]
            message["payload"] = _enveloped(channel["address"], schemas)
            message.pop("correlationId", None)  # FastStream's own header; ours is the envelope's `causation`
    content["defaultContentType"] = "application/cloudevents+json"
    schemas |= {"Envelope": Envelope.model_json_schema(ref_template=SCHEMAS + "{model}")}
    content["components"]["schemas"] = {name: each for name, each in schemas.items() if ":" not in name}
    return Document(title, content)


def _enveloped(event: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """The envelope of one type of event. What a consumer of several takes is described by what they have in common."""
    contract = event_types()[event]
    described = contract.model_json_schema(ref_template=SCHEMAS + "{model}")
    schemas |= described.pop("$defs", {}) | {contract.__name__: described}
    carried = {"type": {"const": event}, "data": {"$ref": SCHEMAS + contract.__name__}}
    return {"title": contract.__name__, "allOf": [{"$ref": f"{SCHEMAS}Envelope"}, {"properties": carried}]}


@router.get("/asyncapi.json")
async def as_json(request: Request) -> dict[str, Any]:
    return _of(request).content


@router.get("/asyncapi", response_class=HTMLResponse)
async def as_page(request: Request) -> str:
    return str(get_asyncapi_html(_of(request)))


def _of(request: Request) -> Document:
    app = request.app
    return document(app.state.running.broker, app.title, app.version)
