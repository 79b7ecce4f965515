"""Tokens that strangers bring back: what they say stands in them, and nobody else can make one."""

import base64
import hashlib
import hmac

LENGTH = 18


def signature(secret: str, purpose: str, said: str) -> str:
    signed = hmac.new(secret.encode(), f"{purpose}/{said}".encode(errors="replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(signed[:LENGTH]).decode()


def sealed(secret: str, purpose: str, said: str) -> str:
    return f"{said}.{signature(secret, purpose, said)}"


def opened(secret: str, purpose: str, token: str) -> str | None:
    """What it says, if it is one of ours for this purpose."""
    said, _, shown = token.rpartition(".")
    ours = hmac.compare_digest(signature(secret, purpose, said).encode(), shown.encode(errors="replace"))
    return said if ours else None
