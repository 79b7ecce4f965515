"""The pages customers follow: what they tell one to post is taken."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from calls.api.connections import ConnectionSettings
from calls.domain.providers import providers

PAGES = Path(__file__).parents[3] / "docs" / "providers"
BEGIN = re.compile(r'\{\s*"provider":')


def connections(page: str) -> list[dict[str, Any]]:
    """Every connection a page shows, in a block or within a line."""
    text = re.sub(r"\s*\n\s*", " ", page)
    decoder = json.JSONDecoder()
    return [decoder.raw_decode(text, found.start())[0] for found in BEGIN.finditer(text)]


@pytest.mark.parametrize("provider", providers())
def test_the_connection_of_its_page_can_be_made(provider: str) -> None:
    shown = connections((PAGES / f"{provider}.md").read_text())
    assert shown
    for connection in shown:
        assert connection["provider"] == provider
        assert providers()[provider].needs <= connection["secrets"].keys()
        ConnectionSettings.model_validate(connection.get("settings", {}))
