"""Cursors: the sort keys of the last item of a page, opaque to who is handed them, checked when they come back."""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar, overload
from uuid import UUID

import orjson

from shared.errors import Invalid

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

MOST = 2**63
LONGEST = 200


def encode_cursor(keys: list[Any]) -> str:
    """Of whatever orjson writes: texts, numbers, moments."""
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The keys again, as JSON has them. Raises `Invalid` for what is no cursor at all."""
    try:
        keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise foreign() from error
    if not isinstance(keys, list):
        raise foreign()
    return keys


@overload
def place_in(cursor: str | None, one: Callable[[Any], A], /) -> A | None: ...
@overload
def place_in(cursor: str | None, one: Callable[[Any], A], two: Callable[[Any], B], /) -> tuple[A, B] | None: ...
@overload
def place_in(
    cursor: str | None, one: Callable[[Any], A], two: Callable[[Any], B], three: Callable[[Any], C], /
) -> tuple[A, B, C] | None: ...
def place_in(cursor: str | None, *kinds: Callable[[Any], Any]) -> Any:
    """What a page starts after: its key or, of several, all of them, each read by its kind. Raises `Invalid`."""
    if cursor is None:
        return None
    try:
        keys = tuple(kind(key) for kind, key in zip(kinds, decode_cursor(cursor), strict=True))
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise foreign() from error
    return keys if len(keys) > 1 else keys[0]


def foreign() -> Invalid:
    return Invalid.at("/cursor", "This is no cursor of this list.")


def text(key: Any) -> str:
    """PostgreSQL's texts hold no NUL and no half characters."""
    if not isinstance(key, str) or len(key) > LONGEST or "\0" in key:
        raise ValueError(key)
    return key.encode().decode()


def identifier(key: Any) -> str:
    return str(UUID(key))


def moment(key: Any) -> datetime:
    return datetime.fromisoformat(key).astimezone(UTC)


def whole(key: Any) -> int:
    if type(key) is not int or not 0 <= key < MOST:
        raise ValueError(key)
    return key
