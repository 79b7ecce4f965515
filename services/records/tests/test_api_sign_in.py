"""People sign in with tokens of an identity provider, beside keys."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from services.records.tests.running import Api, address, running, settings

from shared.engines.databases import create_database, drop_database

KEY, FORGED = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
PUBLIC = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": "one", "alg": "ES256", "use": "sig"}
ISSUER, AUDIENCE = "https://id.example.com", "trunkline"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(postgres_url: str, database_template: str) -> AsyncIterator[Api]:
    name = "records_sign_in"
    await create_database(postgres_url, name, template=database_template)
    configured = settings(
        address(postgres_url, name),
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_jwks=json.dumps({"keys": [PUBLIC]}),
        oidc_create_users=True,
        oidc_scopes={"heads": ("read", "write", "admin")},
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(drop_database, postgres_url, name)
        yield await stack.enter_async_context(running(configured))


def token(subject: str, key: Any = KEY, headers: dict[str, Any] | None = None, **claims: Any) -> str:
    expires = datetime.now(UTC) + timedelta(minutes=10)
    given = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "email": f"{subject}@example.com", "exp": expires}
    return jwt.encode(given | claims, key, "ES256", {"kid": "one"} | (headers or {}))


def forged(algorithm: str, secret: bytes) -> str:
    """Signed by hand: the library would not do it."""
    words = {"alg": algorithm, "typ": "JWT", "kid": "one"}, {"iss": ISSUER, "aud": AUDIENCE, "sub": "eve", "exp": 9**10}
    body = b".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in words)
    signature = base64.urlsafe_b64encode(hmac.digest(secret, body, hashlib.sha256)).rstrip(b"=")
    return (body + b"." + signature).decode()


async def status(house: Api, signed: str, path: str = "/v1/users") -> int:
    return (await house.as_key(signed).get(path)).status_code


async def test_the_first_sign_in_makes_the_user_and_groups_bring_teams_and_scopes(house: Api) -> None:
    assert await status(house, token("ann", groups=["sales"])) == 200
    (ann,) = [each for each in (await house.get("/v1/users"))["items"] if each["email"] == "ann@example.com"]
    assert ann["teams"] == ["sales"]
    assert await status(house, token("ann", groups=["sales"]), "/v1/keys") == 403
    assert await status(house, token("ann", groups=["heads"]), "/v1/keys") == 200
    assert (await house.get(f"/v1/users/{ann['id']}"))["teams"] == ["heads"]


async def test_a_known_address_is_tied_to_its_subject_once(house: Api) -> None:
    made = await house.post("/v1/users", {"name": "Bob", "email": "bob@example.com"})
    assert await status(house, token("first", email="Bob@example.com")) == 200
    assert await status(house, token("second", email="bob@example.com")) == 409
    await house.patch(f"/v1/users/{made['id']}", {"active": False})
    assert await status(house, token("first", email="bob@example.com")) == 401


@pytest.mark.parametrize(
    "signed",
    [
        token("eve", FORGED),
        token("eve", iss="https://evil.example.com"),
        token("eve", aud="others"),
        token("eve", exp=datetime.now(UTC) - timedelta(hours=1)),
        token("eve", headers={"kid": "two"}),
        token("eve", FORGED, headers={"jku": "https://evil.example.com/keys", "jwk": {"kty": "EC"}}),
        token("eve", email_verified=False),
        jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": "eve", "exp": 9_999_999_999}, "x" * 32, "HS256"),
        token("eve")[:-4] + "AAAA",
        jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": "eve", "exp": 9_999_999_999}, None, "none", {"kid": "one"}),
        # Our own public key, taken for a shared secret.
        forged("HS256", json.dumps(PUBLIC).encode()),
        token("eve", nbf=datetime.now(UTC) + timedelta(hours=1)),
        token("eve", aud=[]),
        token("eve", headers={"kid": ""}),
        token("eve", headers={"crit": ["exp"], "x5u": "https://evil.example.com/cert"}, key=FORGED),
        token(""),
        jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": "eve"}, KEY, "ES256", {"kid": "one"}),
        jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "exp": 9_999_999_999}, KEY, "ES256", {"kid": "one"}),
        jwt.encode({"iss": ISSUER, "sub": "eve", "exp": 9_999_999_999}, KEY, "ES256", {"kid": "one"}),
        jwt.encode({"aud": AUDIENCE, "sub": "eve", "exp": 9_999_999_999}, KEY, "ES256", {"kid": "one"}),
    ],
)
async def test_a_token_that_is_not_ours_opens_nothing(house: Api, signed: str) -> None:
    assert await status(house, signed) == 401


async def test_what_a_token_calls_itself_gives_nothing(house: Api) -> None:
    """Scopes come of the groups that the settings name, rights of roles: never of a word in the token."""
    claims = {"scope": "read write admin", "scopes": ["admin"], "roles": ["admin"], "role": "owner", "admin": True}
    assert await status(house, token("mal", **claims)) == 200
    assert await status(house, token("mal", groups="heads", **claims), "/v1/keys") == 403
    assert await status(house, token("mal", groups=["admin", {"x": 1}, "Heads"], **claims), "/v1/keys") == 403


async def test_who_signs_in_sees_what_the_roles_of_their_teams_show(house: Api) -> None:
    fields = [{"key": "cost", "name": "Cost", "type": "number"}, {"key": "size", "name": "Size", "type": "number"}]
    await house.post("/v1/projects", {"key": "deals", "name": "Deals", "fields": fields})
    role = {"key": "junior", "name": "Junior", "teams": ["juniors"], "field_permissions": {"cost": "none"}}
    await house.post("/v1/projects/deals/roles", role)
    made = await house.post("/v1/projects/deals/records", {"title": "x", "values": {"cost": "1", "size": "2"}})
    path = f"/v1/records/{made['id']}"
    junior = await house.as_key(token("jun", groups=["juniors"])).get(path)
    assert junior.json()["values"] == {"size": 2}
    assert await status(house, token("jun", groups=[]), path) == 404
    assert await status(house, token("jun", groups=["heads"]), path) == 200
