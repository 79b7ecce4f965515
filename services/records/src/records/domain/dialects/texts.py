"""Texts of templates in the languages that ours have."""

from collections.abc import Mapping
from typing import Any

LANGUAGES = ("en", "nl")


def in_languages(given: str | Mapping[str, Any]) -> dict[str, str]:
    """In every language: where one is missing, another's text stands for it."""
    if isinstance(given, str):
        return dict.fromkeys(LANGUAGES, given)
    other = next(iter(given.values()), "")
    return {language: given.get(language, other) for language in LANGUAGES}


def named(key: str) -> dict[str, str]:
    """What of a thing only the key is known."""
    return in_languages(key.replace("_", " ").capitalize())
