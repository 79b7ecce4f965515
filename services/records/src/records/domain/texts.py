"""Texts the database can keep: no NUL, no half characters, no endless lines."""

import re

from shared.errors import Invalid

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROLS_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HALF = re.compile(r"[\ud800-\udfff]")


def text_of(value: object, longest: int, *, lines: bool = False) -> str:
    """The text, unchanged. ``lines`` allows line breaks and tabs; other control characters are never kept."""
    if not isinstance(value, str):
        raise Invalid("must be a text.")
    if len(value) > longest:
        raise Invalid(f"may have at most {longest:,} characters.")
    if (_CONTROLS_IN_LINES if lines else _CONTROLS).search(value):
        raise Invalid("contains a line break or a control character.")
    if not value.isascii() and _HALF.search(value):
        raise Invalid("contains half a character (a lone surrogate).")
    return value
