"""What providers began to send since we last looked: places in their bodies that none of our fixtures has.

``known_paths.json`` lists the places of the fixtures, by provider; a test tells when it is behind them.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from calls.domain.reading import parse

KNOWN = Path(__file__).with_name("known_paths.json")
LONGEST_PATH, DEEPEST = 200, 12
MOST = 200


def unknown_paths(provider: str, body: bytes) -> list[str]:
    """The places of this body that are new to us; none where the provider's body is the customer's own."""
    known = known_paths().get(provider)
    return sorted(paths(body) - known)[:MOST] if known else []


def paths(body: bytes) -> set[str]:
    """Every place of a body, JSON or a form, with ``[]`` for any index and ``{}`` for a key that is an id."""
    try:
        return set(_below(parse(body), "", 0))
    except (ValueError, RecursionError):
        return {f"/{name}"[:LONGEST_PATH] for name, _ in parse_qsl(body.decode(errors="replace"))}


def _below(value: Any, place: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _below(child, f"{place}/{'{}' if any(map(str.isdigit, name)) else name}", depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield from _below(child, f"{place}/[]", depth + 1)
    else:
        yield place[:LONGEST_PATH].replace("\0", "\ufffd").encode(errors="replace").decode()


@cache
def known_paths() -> dict[str, frozenset[str]]:
    return {provider: frozenset(known) for provider, known in json.loads(KNOWN.read_text()).items()}
