"""Telephone numbers: one way of writing each, so that the same number is the same text everywhere."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import phonenumbers

from records.domain.texts import text_of
from shared.errors import Invalid

REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
LONGEST = 60


def e164(value: object, region: str | None = None) -> str:
    """The number as ``+31201234567``. Without a ``region`` it must start with a plus and its country's code.

    A number need not be in use, only of a possible length: plans change, and test ranges must work.
    """
    return _e164(text_of(value, LONGEST), region)


@lru_cache(maxsize=10_000)
def _e164(text: str, region: str | None) -> str:
    number = _number(text, region)
    if number.extension:
        raise Invalid("has an extension, which is no part of a number; keep it in another field.")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    read_back = number if written == text else _number(written, None)
    if not phonenumbers.is_possible_number(number) or read_back != number:
        raise Invalid("is no possible telephone number.")
    return str(written)


def readings(value: str, regions: frozenset[str]) -> list[str]:
    """Every E.164 number the text may mean, by itself and as written in each of the regions."""
    found: set[str] = set()
    for region in (None, *sorted(regions)):
        try:
            found.add(e164(value, region))
        except Invalid:
            continue
    return sorted(found)


def _number(text: str, region: str | None) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        hint = "" if region else " with its country's code, like +31 20 123 4567"
        raise Invalid(f"must be a telephone number{hint}.") from error


def numbers_in(values: Mapping[str, Any], fields: Iterable[str]) -> dict[str, str]:
    """The numbers among a record's values, by telephone field."""
    return {key: values[key] for key in fields if key in values}
