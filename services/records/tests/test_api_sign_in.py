"""People sign in with tokens of an identity provider, beside keys."""

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
    ],
)
async def test_a_token_that_is_not_ours_opens_nothing(house: Api, signed: str) -> None:
    assert await status(house, signed) == 401
