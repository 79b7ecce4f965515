"""Every answer of every service is one that its document describes, whoever asks for whatever."""

import os
import random
from collections.abc import Iterator, Mapping
from traceback import format_exception
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from tests.contracts.world import ADMINISTRATOR, Known, aimed, callers, discovered, furnished
from tests.journeys.platform import Platform, started

# So many requests an operation; a longer look, everybody asking everything: TRUNKLINE_EXAMPLES=20.
EXAMPLES = int(os.environ.get("TRUNKLINE_EXAMPLES", "0"))
SERVICES = ("records", "calls", "automations", "analytics")
UNENDING = {"/v1/live": "a stream goes on as long as it is listened to"}
checks.load_all_checks()
CHECKS = checks.CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """One of its own, for nothing on it is safe from these tests."""
    with started() as running:
        yield running


@pytest.fixture(scope="module")
def known(platform: Platform) -> Known:
    return furnished(platform)


@pytest.fixture(scope="module")
def keys(platform: Platform) -> Mapping[str, str | None]:
    return callers(platform)


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_is_asked_the_answer_is_as_documented(
    name: str, platform: Platform, known: Known, keys: Mapping[str, str | None]
) -> None:
    document = schemathesis.openapi.from_dict(platform.get(name, "/openapi.json"))
    every = [found.ok() for found in document.get_all_operations()]
    with platform.client(name) as client:
        found = discovered(known, client, {each.path for each in every})
    wrong = [
        told
        for turn, operation in enumerate(sorted(every, key=lambda each: each.method.upper() == "DELETE"))
        if operation.path not in UNENDING
        for caller, key in asking(keys, turn).items()
        for told in found_wrong(operation, platform.urls[name], caller, key, found)
    ]
    assert not wrong, "\n\n".join(wrong)


def asking(keys: Mapping[str, str | None], turn: int) -> Mapping[str, str | None]:
    """All of them, or in the suite the administrator and, one after the other, the rest."""
    first, *rest = keys
    return keys if EXAMPLES else {name: keys[name] for name in (first, rest[turn % len(rest)])}


def found_wrong(operation: Any, address: str, caller: str, key: str | None, known: Known) -> Iterator[str]:
    headers = {"authorization": f"Bearer {key}"} if key else {}

    @seed(len(caller))
    @settings(
        # The first is the plainest there is: enough to see who may.
        max_examples=EXAMPLES or (2 if caller == ADMINISTRATOR else 1),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE),
        chance=st.randoms(use_true_random=False),
    )
    def ask(case: Any, chance: random.Random) -> None:
        case.headers.pop("Authorization", None)
        aim(case, known, chance)
        case.call_and_validate(base_url=address, headers=headers, checks=CHECKS)

    try:
        ask()
    except (AssertionError, BaseExceptionGroup) as error:
        yield f"{operation.method.upper()} {operation.path} as {caller}: {''.join(format_exception(error, limit=2))}"


def aim(case: Any, known: Known, chance: random.Random) -> None:
    """Mostly at something that is there: else nearly everything is merely not found."""
    if chance.random() < 0.9:
        case.path_parameters.update(aimed(case.operation.path, known, chance.choice))
    if isinstance(case.body, dict):
        named = {name: there for name in case.body if (there := known.get(f"/v1/{name}s"))}
        case.body.update({name: chance.choice(there) for name, there in named.items()})
