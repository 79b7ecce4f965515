"""Lists in pages: keyset cursors, opaque to the caller, never offsets."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel

from shared.errors import Invalid

Item = TypeVar("Item")
Place = TypeVar("Place")

Limit = Annotated[int, Query(ge=1, le=500, description="How many items at most")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]


class Page(BaseModel, Generic[Item]):
    """``next_cursor`` is null on the last page."""

    items: list[Item]
    next_cursor: str | None = None


async def seen_page(
    fetch: Callable[[Place | None, int], Awaitable[Sequence[Item]]],
    shows: Callable[[Sequence[Item]], Awaitable[Sequence[Item]]],
    place: Callable[[Item], Place],
    after: Place | None,
    limit: int,
) -> tuple[Sequence[Item], bool]:
    """A full page of what ``shows`` lets through, and whether there is more of it.

    Neither its length nor its cursor tells of what was left out. ``fetch`` reads on after a place, so many at most.
    """
    found: list[Item] = []
    while len(found) <= limit:
        read = await fetch(after, limit + 1)
        found += await shows(read)
        if len(read) <= limit:
            break
        after = place(read[-1])
    return found[:limit], len(found) > limit


def encode_cursor(keys: list[Any]) -> str:
    """The sort keys of the last item of a page."""
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


def decode_cursor(cursor: str, length: int | None = None) -> list[Any]:
    """The keys again, ``length`` of them. Raises `Invalid` for anything we did not hand out."""
    try:
        keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _foreign() from error
    if not isinstance(keys, list) or (length is not None and len(keys) != length):
        raise _foreign()
    return keys


def _foreign() -> Invalid:
    return Invalid.at("/cursor", "This is no cursor of this list.")
