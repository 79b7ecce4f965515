"""The countries of ISO 3166-1, from the territories that Unicode's CLDR names."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from babel import Locale

from shared.errors import Invalid

LANGUAGES = ("en", "nl")
CODE_LENGTH = 2
# Territories that CLDR names with two letters although ISO 3166-1 gives them none. Kosovo's XK is used by everybody.
_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


@cache
def names(language: str = "en") -> Mapping[str, str]:
    """The names by code."""
    territories = Locale.parse(language).territories
    found = {code: name for code, name in territories.items() if len(code) == CODE_LENGTH and code.isalpha()}
    return MappingProxyType({code: name for code, name in found.items() if code not in _NO_COUNTRY})


@cache
def _words() -> Mapping[str, str]:
    """Every way of writing a country, in small letters, with its code."""
    named = {name.casefold(): code for language in LANGUAGES for code, name in names(language).items()}
    return MappingProxyType(named | {code.casefold(): code for code in names()})


def code_of(value: object) -> str:
    """The code of the country that a code or a name stands for."""
    code = _words().get(value.strip().casefold()) if isinstance(value, str) else None
    if code is None:
        raise Invalid("must be a country's code of two letters, like NL, or its name.")
    return code


def name_of(code: str, language: str = "en") -> str:
    return names(language).get(code, code)
