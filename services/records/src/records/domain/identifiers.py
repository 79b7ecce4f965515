"""Ids, as every service writes them."""

import uuid

from shared.errors import Invalid

LENGTH = 36


def identifier_of(value: object, what: str) -> str:
    """The id in its one form (small letters, hyphens). Only the form is checked, not that the thing exists."""
    if isinstance(value, str) and len(value) == LENGTH and value.isascii():
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
    raise Invalid(f"must be {what}.")


def is_identifier(text: str) -> bool:
    try:
        identifier_of(text, "")
    except Invalid:
        return False
    return True
