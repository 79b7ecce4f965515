"""Signed tokens of an identity provider (OpenID Connect), for people: verified here, the user is looked up elsewhere.

Only what the settings name is believed: issuer, audience, algorithms and keys. Where a token says that its keys are to
be found (``jku``, ``x5u``, ``jwk``) is never read.
"""

import time
from collections.abc import Mapping
from typing import Any

import httpx
import jwt

from shared.settings import ServiceSettings

LEEWAY_S = 60
KEYS_HOLD_S = 300.0
# An unknown key asks the provider again, but not for every forged token.
ASK_AGAIN_S = 10.0


class Tokens:
    """The keys of the identity provider, fetched when they are needed and kept for a while."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        if settings.oidc_jwks:
            self._keys = _read(jwt.PyJWKSet.from_json(settings.oidc_jwks))

    async def claims(self, token: str) -> Mapping[str, Any] | None:
        """What the token says, if it is signed by the provider, for us, and not out of date."""
        if not self.settings.oidc_issuer:
            return None
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(header.get("kid"))
            return self._decoded(token, key) if key else None
        except (jwt.PyJWTError, httpx.HTTPError, ValueError):
            return None

    def scopes(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Those of the groups; who is in none of those named has the usual ones."""
        named = self.settings.oidc_scopes
        granted = [set(named[group]) for group in self.groups(claims) if group in named]
        return frozenset(set().union(*granted) if granted else self.settings.oidc_default_scopes)

    def groups(self, claims: Mapping[str, Any]) -> list[str]:
        found = claims.get(self.settings.oidc_groups_claim)
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []

    def _decoded(self, token: str, key: jwt.PyJWK) -> Mapping[str, Any]:
        settings = self.settings
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(settings.oidc_algorithms),
            audience=settings.oidc_audience,
            issuer=settings.oidc_issuer,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        if not claims["sub"]:
            raise jwt.InvalidTokenError("A token of nobody")
        return claims

    async def _key(self, kid: str | None) -> jwt.PyJWK | None:
        age = time.monotonic() - self._fetched
        stale = age > KEYS_HOLD_S or (kid not in self._keys and age > ASK_AGAIN_S)
        if self.settings.oidc_jwks_url and stale:
            self._fetched = time.monotonic()
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(self.settings.oidc_jwks_url)
            self._keys = _read(jwt.PyJWKSet.from_dict(answer.raise_for_status().json()))
        return self._keys.get(kid)


def email_of(claims: Mapping[str, Any]) -> str | None:
    """The address, unless the provider says that nobody has checked it."""
    email = claims.get("email")
    return email if isinstance(email, str) and claims.get("email_verified", True) is True else None


def _read(keys: jwt.PyJWKSet) -> Mapping[str | None, jwt.PyJWK]:
    return {key.key_id: key for key in keys.keys}
