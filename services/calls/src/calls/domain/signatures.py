"""Comparing what a stranger shows with what we know, in constant time. Each may raise; its callers catch everything."""

import hmac
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import jwt
from jwt.warnings import InsecureKeyLengthWarning

from calls.domain.hook import HookRequest

# The provider or its customer chooses the key; we have to take it as it is.
warnings.filterwarnings("ignore", category=InsecureKeyLengthWarning)

# How far the time in a signature may be from ours, unless the connection's settings say otherwise.
TOLERANCE_SECONDS = 300


def matches(shown: str | bytes, known: Iterable[str | bytes]) -> bool:
    """Whether it equals one of the live values; all are compared, and each without a hint where it differs."""
    return bool(sum(hmac.compare_digest(_bytes(shown), _bytes(each)) for each in known))


def shows_secret(request: HookRequest, secrets: Mapping[str, Sequence[str]], usual_header: str) -> bool:
    """Whether the header named by secret ``header`` carries secret ``value``: all that some providers can do."""
    return shows_any(request, secrets.get("header", [usual_header]), secrets["value"])


def shows_any(request: HookRequest, names: Sequence[str], values: Sequence[str]) -> bool:
    """Whether one of these headers carries one of the values. Raises KeyError where none of them is there."""
    shown = [request.headers[name.lower()] for name in names if name.lower() in request.headers]
    if not shown:
        raise KeyError(names[0])
    return bool(sum(matches(each, values) for each in shown))


def is_fresh(signed_at: datetime, request: HookRequest) -> bool:
    """Whether a time that is part of the signature is near enough to ours, so that it is no replay from another day."""
    tolerance = request.settings.get("signature_tolerance_s") or TOLERANCE_SECONDS
    return abs((request.received_at - signed_at).total_seconds()) <= tolerance


def claims(token: str, keys: Iterable[str], algorithm: str) -> dict[str, Any]:
    """What a JSON Web Token says, if it is signed with one of the keys. Raises `jwt.InvalidTokenError`.

    Its times are not looked at: they are the caller's to compare with *our* clock.
    """
    ignored: jwt.types.Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
    for key in keys:
        try:
            return jwt.decode(token, key, algorithms=[algorithm], options=ignored)
        except jwt.InvalidSignatureError:
            continue
    raise jwt.InvalidSignatureError("none of the live keys made this signature")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
