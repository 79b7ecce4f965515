"""Lists in pages: keyset cursors, opaque to the caller, never offsets."""

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel

from shared.errors import Invalid

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=500, description="How many items at most")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]


class Page(BaseModel, Generic[Item]):
    """``next_cursor`` is null on the last page."""

    items: list[Item]
    next_cursor: str | None = None


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
