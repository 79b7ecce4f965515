"""What the modules of the API share: bodies that know all their words, and answers written by orjson."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import Response
from pydantic import BaseModel, ConfigDict

from shared.http.etag import set_etag

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
