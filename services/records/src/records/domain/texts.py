"""Texts the database can keep: no NUL, no half characters, no endless lines."""

from shared.errors import Invalid


def text_of(value: object, longest: int, *, lines: bool = False) -> str:
    """The text, unchanged. ``lines`` allows line breaks and tabs; other control characters are never kept."""
    if not isinstance(value, str):
        raise Invalid("must be a text.")
    if len(value) > longest:
        raise Invalid(f"may have at most {longest:,} characters.")
    allowed = "\n\r\t" if lines else ""
    if any(_is_control(character) and character not in allowed for character in value):
        raise Invalid("contains a line break or a control character.")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Invalid("contains half a character (a lone surrogate).")
    return value


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"
