"""Ids in addresses and cursors: what cannot be one of ours never reaches the database."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator

from shared.errors import Invalid, NotFound
from shared.http.paging import decode_cursor


def _ours(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(f"There is nothing with the id {text[:100]}.") from None


Id = Annotated[str, AfterValidator(_ours)]


def id_in_cursor(cursor: str | None) -> str | None:
    """The id of the last item of the page before. Raises `Invalid`."""
    return checked(decode_cursor(cursor, 1)[0]) if cursor else None


def checked(found: Any) -> str:
    """An id out of a cursor. Raises `Invalid`."""
    try:
        return str(UUID(found))
    except (ValueError, AttributeError, TypeError):
        raise Invalid.at("/cursor", "This is no cursor of this list.") from None
