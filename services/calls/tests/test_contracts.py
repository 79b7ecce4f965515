"""What calls publishes is what the golden examples promise."""

import json
from pathlib import Path
from typing import Any

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import bodies

import shared.contracts
from shared.contracts import Envelope, event_types

EXAMPLES = Path(shared.contracts.__file__).parent / "examples"
# What differs from run to run; everything else is compared.
VOLATILE = {"id", "time", "traceparent", "subject"}
VOLATILE_DATA = {"id", "connection", "first_seen_at"}


@pytest.mark.parametrize("name", ["calls.call.updated.v1", "calls.call.ended.v1", "calls.agent.changed.v1"])
async def test_the_last_event_of_the_story_is_the_example(service: Running, name: str) -> None:
    await service.connect()
    await service.deliver(bodies("inbound_answered"))
    told = (await service.events(name))[-1]
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    assert _steady(told) == _steady(example)
    assert event_types()[name].model_validate(Envelope.model_validate(told).data).aggregate == told["subject"]


def _steady(envelope: dict[str, Any]) -> dict[str, Any]:
    data = envelope["data"]
    inner = data.get("call", data)
    steady = {key: value for key, value in envelope.items() if key not in VOLATILE | {"data"}}
    return steady | {"data": {key: value for key, value in inner.items() if key not in VOLATILE_DATA}}
