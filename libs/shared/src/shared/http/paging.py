"""Lists in pages: keyset cursors, never offsets. One item more than a page is read to know whether there is another."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from shared.http.cursors import encode_cursor

Item = TypeVar("Item")
Place = TypeVar("Place")

Limit = Annotated[int, Query(ge=1, le=500, description="How many items at most")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]


class Page(BaseModel, Generic[Item]):
    """``next_cursor`` is null on the last page."""

    items: list[Item]
    next_cursor: str | None = None


def cut(found: Sequence[Item], limit: int, place: Callable[[Item], Any]) -> tuple[Sequence[Item], str | None]:
    """The page of what was found, up to one more than ``limit``, and the cursor of the next.

    ``place`` is an item's key in the order of the list or, where it has several, a tuple of them: what
    `shared.http.cursors.place_in` gives back.
    """
    page = found[:limit]
    return page, _cursor(place(page[-1])) if len(found) > limit else None


async def seen_page(
    fetch: Callable[[Place | None, int], Awaitable[Sequence[Item]]],
    shows: Callable[[Sequence[Item]], Awaitable[Sequence[Item]]],
    place: Callable[[Item], Place],
    after: Place | None,
    limit: int,
) -> tuple[Sequence[Item], str | None]:
    """As `cut`, of what ``shows`` lets through: neither the page's length nor its cursor tells of what it does not.

    ``fetch`` reads on after a place, so many at most.
    """
    found: list[Item] = []
    while len(found) <= limit:
        read = await fetch(after, limit + 1)
        found += await shows(read)
        if len(read) <= limit:
            break
        after = place(read[-1])
    return cut(found, limit, place)


def _cursor(place: object) -> str:
    return encode_cursor(list(place) if isinstance(place, tuple) else [place])
