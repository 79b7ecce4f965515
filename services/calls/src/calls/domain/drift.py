"""What providers began to send since we last looked: places in their bodies that none of our fixtures has.

``known_paths.json`` lists, by provider, the places of the fixtures and others that are known; `make docs` adds what
fixtures bring.
"""

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from calls.domain.reading import parse

KNOWN = Path(__file__).with_name("known_paths.json")
# Whose bodies are a template that the customer wrote.
CUSTOMERS_OWN = frozenset({"asterisk", "cloudtalk", "generic", "threecx"})
LONGEST_PATH, DEEPEST = 200, 12
MOST, MOST_PLACES = 200, 10_000
LARGEST_FORM = 100_000


def unknown_paths(provider: str, body: bytes) -> list[str]:
    """The places of this body that are new to us; none where the provider's body is the customer's own."""
    known = known_paths().get(provider)
    if not known:
        return []
    looked_at = islice(_places(body), MOST_PLACES)
    return sorted({_written(place) for place in looked_at if place not in known} - known)[:MOST]


def paths(body: bytes) -> set[str]:
    """Every place of a body, JSON or a form, with ``[]`` for any index and ``{}`` for a key that is an id."""
    return {_written(place) for place in _places(body)}


def _places(body: bytes) -> Iterator[str]:
    try:
        return _below(parse(body))
    except (ValueError, RecursionError):
        return (f"/{name}" for name, _ in parse_qsl(body[:LARGEST_FORM].decode(errors="replace")))


def _below(whole: Any) -> Iterator[str]:
    """By hand and not by recursion: this is done for every delivery."""
    ahead: list[tuple[Any, str, int]] = [(whole, "", 0)]
    while ahead:
        value, place, depth = ahead.pop()
        if depth > DEEPEST:
            continue
        if isinstance(value, dict):
            children = islice(value.items(), MOST_PLACES)
            ahead += [(child, place + _step(name[:LONGEST_PATH]), depth + 1) for name, child in children]
        elif isinstance(value, list):
            inside, whole = f"{place}/[]", [child for child in value if isinstance(child, dict | list)]
            ahead += [(child, inside, depth + 1) for child in whole[:MOST_PLACES]]
            if len(whole) < len(value):
                yield inside
        else:
            yield place


@lru_cache(maxsize=4_096)
def _step(name: str) -> str:
    return "/{}" if any(map(str.isdigit, name)) else f"/{name}"


def _written(place: str) -> str:
    """As the database can hold it."""
    return place[:LONGEST_PATH].replace("\0", "\ufffd").encode(errors="replace").decode()


@cache
def known_paths() -> dict[str, frozenset[str]]:
    return {provider: frozenset(known) for provider, known in json.loads(KNOWN.read_text()).items()}
