"""A simulated week, told by every provider with doubles, delays and swaps: the calls are those that were."""

import os
from collections import defaultdict
from datetime import date
from typing import Any

from services.calls.tests.running import Running

from trunkline.simulator.dialects import dialects
from trunkline.simulator.disorder import Disorder, delivered
from trunkline.simulator.play import Hook, Target, play_history, together
from trunkline.simulator.scenario import Branch, InventedCall, period
from trunkline.simulator.truth import differences

MONDAY, DAYS = date(2026, 3, 16), 7
# A provider; before a release of an adapter, TRUNKLINE_SIMULATED=300.
CALLS = int(os.environ.get("TRUNKLINE_SIMULATED", "12"))
OPEN_HOURS = 5 * 8.5
DISORDER = Disorder(doubles=5, late=5, swapped=5)


def week(number: int) -> list[InventedCall]:
    """Another one for every provider."""
    return list(period(1, MONDAY, DAYS, Branch(number, agents=5, per_hour=CALLS / OPEN_HOURS)))


async def connected(service: Running, provider: str) -> tuple[str, Hook]:
    """The id of a new connection, and its hook."""
    dialect = dialects()[provider]
    secrets = dialect.secrets(f"a secret of {provider}'s")
    await service.connect_to(provider, secrets, settings=dict(dialect.settings))
    hook = str(service.client.base_url).rstrip("/") + service.hook
    return service.connection, Hook(service.client, Target(hook, dialect, secrets))


async def known(service: Running) -> dict[str, list[dict[str, Any]]]:
    """Every call by its connection."""
    found, cursor = defaultdict(list), None
    while True:
        page = await service.get("/v1/calls", limit=500, **({"cursor": cursor} if cursor else {}))
        for call in page["items"]:
            found[call["connection"]].append(call)
        if not (cursor := page["next_cursor"]):
            return found


async def test_a_week_is_understood_from_every_provider_as_it_was(service: Running) -> None:
    hooks = {provider: await connected(service, provider) for provider in dialects()}
    weeks = {provider: week(number) for number, provider in enumerate(hooks)}
    await service.refreshed()
    async with together() as tasks:
        for provider, (_, hook) in hooks.items():
            told = [hook.target.dialect.webhooks(call, hook.target.secrets) for call in weeks[provider]]
            untidy = delivered(told, DISORDER, hook.target.dialect.again, seed=1)
            tasks.create_task(play_history(hook, untidy, lambda _sent: None, concurrency=2))
    await service.settled(patience=100 + 2 * CALLS)
    calls = await known(service)
    for provider, (connection, _) in hooks.items():
        told_of = [dialects()[provider].tells(call) for call in weeks[provider]]
        assert differences(calls[connection], told_of) == [], provider
    quarantined = await service.get("/v1/deliveries", state="quarantined")
    assert quarantined["items"] == []
