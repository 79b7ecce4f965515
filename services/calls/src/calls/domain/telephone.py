"""Telephone numbers in every spelling providers use, to E.164."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import phonenumbers

# Country codes and national numbers together: at least this many digits make a number worth having (ITU-T E.164).
SHORTEST = 7


@lru_cache(maxsize=8192)
def to_e164(spelled: str | int | None, region: str | None = None) -> str | None:
    """``+1 202-555-0147``, ``12025550147`` and ``12025550147`` as int are one number; a withheld one is None.

    ``region`` (ISO 3166 alpha-2) is where a number without its country is dialled. Extensions, ``client:`` and
    ``sip:`` addresses are no numbers: None.
    """
    text = str(spelled or "").strip()
    digits = sum(each.isdigit() for each in text)
    if digits < SHORTEST or any(each.isalpha() or each in ":@" for each in text):
        return None
    return _parsed(text, region) or _parsed(f"+{text.lstrip('+').removeprefix('00')}", None)


def home_region(settings: Mapping[str, Any]) -> str | None:
    """Where a connection's numbers without a country are dialled: where its own numbers are."""
    own = settings.get("own_numbers") or [None]
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(own[0]))
    except phonenumbers.NumberParseException:
        return None


def _parsed(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
