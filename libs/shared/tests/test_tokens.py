"""The keys of an identity provider, fetched over HTTP."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.http import tokens
from shared.http.tokens import Tokens
from shared.settings import ServiceSettings


class Provider:
    """An identity provider: what it serves, and how often it was asked."""

    def __init__(self) -> None:
        self.keys = {"first": ec.generate_private_key(ec.SECP256R1())}
        self.asked, self.status = 0, 200
        provider = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                self.send_response(provider.status)
                self.end_headers()
                self.wfile.write(provider.document())

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)

    def document(self) -> bytes:
        public = [
            json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "alg": "ES256"}
            for kid, key in self.keys.items()
        ]
        return json.dumps({"keys": public}).encode()

    def token(self, kid: str, **claims: Any) -> str:
        usual = {"iss": "https://id.example", "aud": "trunkline", "sub": "ann", "exp": time.time() + 60}
        return jwt.encode(usual | claims, self.keys[kid], "ES256", {"kid": kid})


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    threading.Thread(target=made.server.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def known(provider: Provider) -> Tokens:
    host, port = provider.server.server_address[:2]
    settings = ServiceSettings(
        database_url="postgresql://nowhere",
        oidc_issuer="https://id.example",
        oidc_audience="trunkline",
        oidc_jwks_url=f"http://{host!s}:{port}/jwks",
    )
    return Tokens(settings)


async def test_keys_are_fetched_once_and_held(provider: Provider, known: Tokens) -> None:
    for _ in range(3):
        claims = await known.claims(provider.token("first"))
        assert claims is not None
        assert claims["sub"] == "ann"
    assert provider.asked == 1


async def test_while_keys_are_rotated_both_are_good(
    provider: Provider, known: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await known.claims(provider.token("first"))
    provider.keys["second"] = ec.generate_private_key(ec.SECP256R1())
    monkeypatch.setattr(tokens, "ASK_AGAIN_S", 0.0)
    assert await known.claims(provider.token("second"))
    assert await known.claims(provider.token("first"))
    old = provider.token("first")
    del provider.keys["first"]
    monkeypatch.setattr(tokens, "KEYS_HOLD_S", 0.0)
    assert await known.claims(old) is None
    assert await known.claims(provider.token("second"))


async def test_forged_tokens_do_not_make_us_ask_again_and_again(provider: Provider, known: Tokens) -> None:
    other = Provider()
    other.server.server_close()
    other.keys["unknown"] = other.keys["first"]
    for kid in ("unknown", "first", "unknown", "unknown"):
        assert await known.claims(other.token(kid)) is None
    assert provider.asked == 1


async def test_a_provider_that_is_away_lets_nobody_in(provider: Provider, known: Tokens) -> None:
    provider.status = 503
    assert await known.claims(provider.token("first")) is None


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1}, {"sub": None}, {"nbf": 4_000_000_000}],
)
async def test_only_what_is_said_for_us_and_now_counts(
    provider: Provider, known: Tokens, claims: dict[str, Any]
) -> None:
    given = {name: value for name, value in claims.items() if value is not None}
    token = provider.token("first", **given)
    if "sub" in claims:
        token = jwt.encode(
            {"iss": "https://id.example", "aud": "trunkline", "exp": time.time() + 60},
            provider.keys["first"], "ES256", {"kid": "first"},
        )  # fmt: skip
    assert await known.claims(token) is None
