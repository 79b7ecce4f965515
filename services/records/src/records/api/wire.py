"""What the modules of the API share: bodies that know all their words, and answers written by orjson."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from fastapi import Response
from pydantic import BaseModel, ConfigDict

from records.domain.identifiers import LENGTH
from records.domain.moments import moment_of
from records.domain.texts import text_of
from shared.errors import Invalid
from shared.http.etag import set_etag
from shared.http.paging import decode_cursor

REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such thing"},
    422: {"description": "Invalid input; `errors` names each place (RFC 9457)"},
}


class Body(BaseModel):
    """A body in which an unknown word is a mistake."""

    model_config = ConfigDict(extra="forbid")

    def given(self) -> dict[str, Any]:
        """Only what the caller wrote: absent is not the same as null."""
        return self.model_dump(exclude_unset=True)


class Order(Body):
    """All the keys there are, in their new order."""

    keys: Sequence[str]


def answer(content: Mapping[str, Any], status: int = 200, version: int | None = None) -> Response:
    """JSON that needs no second check on its way out; ``version`` becomes the ETag."""
    response = Response(orjson.dumps(content), status, media_type="application/json")
    if version is not None:
        set_etag(response, version)
    return response


def after_of(cursor: str | None) -> str | None:
    """The id that a page starts after. Raises `Invalid` for a cursor we did not hand out."""
    if cursor is None:
        return None
    (after,) = decode_cursor(cursor, 1)
    if not (isinstance(after, str) and after.replace("-", "").isalnum() and after.isascii()):
        raise Invalid.at("/cursor", "This is no cursor of this list.")
    return after


def place_of(cursor: str | None) -> tuple[datetime, str] | None:
    """The moment, and the place in it, that a page of what happened starts after. Raises `Invalid`."""
    if cursor is None:
        return None
    at, place = decode_cursor(cursor, 2)
    try:
        return moment_of(at), text_of(place, LENGTH)
    except Invalid as problem:
        raise Invalid.at("/cursor", "This is no cursor of this list.") from problem
