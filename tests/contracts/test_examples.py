"""The golden examples: what each event looks like on the bus, and that old and new readers understand it."""

import json
from pathlib import Path
from typing import Any

import pytest

import shared.contracts
from shared.contracts import Envelope, event_types

EXAMPLES = Path(shared.contracts.__file__).parent / "examples"
TYPES = event_types()


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize("name", TYPES)
def test_every_event_has_an_example_that_fits(name: str) -> None:
    envelope = Envelope.model_validate(example(name))
    assert envelope.type == name
    event = TYPES[name].model_validate(envelope.data)
    assert event.aggregate == envelope.subject


@pytest.mark.parametrize("name", TYPES)
def test_an_example_says_everything_its_contract_can(name: str) -> None:
    """A field missing from the example is a field nobody has looked at."""
    data = example(name)["data"]
    assert set(data) == set(TYPES[name].model_fields)


@pytest.mark.parametrize("name", TYPES)
def test_readers_ignore_fields_they_do_not_know(name: str) -> None:
    envelope = example(name)
    envelope["newer"] = envelope["data"]["newer"] = {"anything": 1}
    assert TYPES[name].model_validate(Envelope.model_validate(envelope).data)
