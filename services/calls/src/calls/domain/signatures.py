"""Comparing what a stranger shows with what we know, in constant time."""

import hmac
from collections.abc import Iterable


def matches(shown: str | bytes, known: Iterable[str | bytes]) -> bool:
    """Whether it equals one of the live values; all are compared, and each without a hint where it differs."""
    return bool(sum(hmac.compare_digest(_bytes(shown), _bytes(each)) for each in known))


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
