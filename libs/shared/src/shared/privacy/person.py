"""A person as the platform knows one: by telephone numbers and e-mail addresses, in every spelling of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import phonenumbers
from pydantic import BaseModel, Field

# Shorter national numbers are too common to be anybody's.
SHORTEST_NATIONAL = 8
_BETWEEN = r"(?:[ .()/-]|%20|%28|%29)*"
_ABROAD = r"(?:\+|%2b|00)?"
# A JSON or URL escape before it is no part of a word.
_BEFORE_NUMBER = r"(?:(?<![0-9])|(?<=%[0-9a-f][0-9a-f]))"
_BEFORE_EMAIL = r"(?:(?<![a-z0-9._+-])|(?<=\\[nrtbf])|(?<=%[0-9a-f][0-9a-f]))"
Texts = Annotated[list[str], Field(max_length=100)]


class PersonIn(BaseModel):
    """What a person is found by; ``records`` are the ids of records that are wholly theirs."""

    numbers: Annotated[Texts, Field(description="E.164", examples=[["+31612345678"]])] = []
    emails: Annotated[Texts, Field(examples=[["jan@example.com"]])] = []
    records: Texts = []

    def person(self) -> "Person":
        return Person(tuple(self.numbers), tuple(self.emails), tuple(self.records))


@dataclass(frozen=True)
class Person:
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    records: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """A regular expression of PostgreSQL and Python, whatever the case; never a part of another's number."""
        parts = []
        if self.numbers:
            parts.append(rf"{_BEFORE_NUMBER}(?:{_any(map(_number, self.numbers))})(?![0-9])")
        if self.emails:
            parts.append(rf"{_BEFORE_EMAIL}(?:{_any(map(_email, self.emails))})(?![a-z0-9-])")
        return "|".join(parts)

    @property
    def plain_patterns(self) -> list[str]:
        """The same for RE2, which cannot look around: what stands before and behind are groups 1 and 2."""
        parts = []
        if self.numbers:
            parts.append(rf"(?i)(^|[^0-9]|%[0-9a-f][0-9a-f])(?:{_any(map(_number, self.numbers))})([^0-9]|$)")
        if self.emails:
            before = r"(^|[^a-z0-9._+-]|\\[nrtbf]|%[0-9a-f][0-9a-f])"
            parts.append(rf"(?i){before}(?:{_any(map(_email, self.emails))})([^a-z0-9-]|$)")
        return parts

    @property
    def bare_pattern(self) -> str:
        """Its numbers where JSON has them as numbers, in whose place no text can stand."""
        return rf"(?<=[:\[,] |\[)(?:{_any(number.lstrip('+') for number in self.numbers) or '(?!)'})(?=[,}}\]])"

    def masked(self, text: str, mark: str) -> str:
        return re.sub(self.pattern, mark, text, flags=re.IGNORECASE) if self.pattern else text


def mark_of(job_id: str) -> str:
    """What stands in the person's place: the same wherever this erasure finds them, and made of nothing they have."""
    return f"erased-{job_id[-12:]}"


def _number(e164: str) -> str:
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return _spaced(re.sub("[^0-9]", "", e164) or "(?!)")
    code, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    dialled = re.sub("[^0-9]", "", phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))
    trunk = dialled.removesuffix(national) if len(national) >= SHORTEST_NATIONAL else None
    abroad = rf"{_ABROAD}{_BETWEEN}{_spaced(code)}{_BETWEEN}(?:\(0\){_BETWEEN})?"
    return rf"(?:{abroad}{'' if trunk is None else '|' + _spaced(trunk) + _BETWEEN}){_spaced(national)}"


def _spaced(digits: str) -> str:
    return _BETWEEN.join(digits)


def _email(address: str) -> str:
    return re.escape(address.lower()).replace("@", "(?:@|%40)").replace(r"\+", r"(?:\+|%2b)")


def _any(parts: Iterable[str]) -> str:
    return "|".join(parts)
