"""Ids, as every service writes them."""

import re
import uuid

from shared.errors import Invalid

LENGTH = 36
_WRITTEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def identifier_of(value: object, what: str) -> str:
    """The id in its one form (small letters, hyphens). Only the form is checked, not that the thing exists."""
    found = _form(value)
    if found is None:
        raise Invalid(f"must be {what}.")
    return found


def is_identifier(text: str) -> bool:
    return _form(text) is not None


def _form(value: object) -> str | None:
    if isinstance(value, str) and _WRITTEN.fullmatch(value):
        return value
    if isinstance(value, str) and len(value) == LENGTH and value.isascii():
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
    return None
