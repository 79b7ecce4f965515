"""Cells that a spreadsheet must not take for formulas.

A text that begins like a formula gets an apostrophe before it; the importer takes it off again. Telephone numbers
begin with a plus, so this is no rare case.
"""

_SUSPICIOUS = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"


def guarded(text: str) -> str:
    """Safe to open. A text that already begins with an apostrophe gets another, so that nothing is lost."""
    return GUARD + text if text.startswith((*_SUSPICIOUS, GUARD)) else text


def unguarded(text: str) -> str:
    """The text again, if it was guarded."""
    return text[1:] if text.startswith(GUARD) and text[1:].startswith((*_SUSPICIOUS, GUARD)) else text
