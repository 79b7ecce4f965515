"""Where invented calls go: a hook of a running Trunkline, spoken to in a provider's dialect."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from trunkline.client import request
from trunkline.installed import Running
from trunkline.simulator import scenario
from trunkline.simulator.dialects import Dialect, Secrets, dialects
from trunkline.simulator.play import CONCURRENCY, Hook, Progress, in_time, play_history, play_live

NAME = "Simulated calls"


@dataclass(frozen=True)
class Target:
    """A hook's whole address, and how what goes there is worded and signed."""

    hook: str
    dialect: Dialect
    secrets: Secrets


def connect(running: Running, provider: str = "aircall") -> Target:
    """The connection through which a running Trunkline hears invented calls; it is made when there is none."""
    dialect = dialects()[provider]
    # Derived from the key, because secrets never come out of a connection again.
    text = hmac.new(running.key.encode(), f"simulator/{provider}".encode(), hashlib.sha256).hexdigest()
    secrets = dialect.secrets(text)
    known = request(running, "calls", "GET", "/v1/connections?limit=500")["items"]
    mine = [each for each in known if (each["provider"], each["name"]) == (provider, NAME)]
    asked = {"provider": provider, "name": NAME, "secrets": dict(secrets)}
    connection = mine[0] if mine else request(running, "calls", "POST", "/v1/connections", body=asked)
    return Target(running.services["calls"] + connection["hook_path"], dialect, secrets)


async def play_past(target: Target, days: int, seed: int, watch: Callable[[int], Progress]) -> tuple[int, int]:
    """A history, as fast as it is taken; returns (calls, webhooks). ``watch`` is told how many webhooks will come."""
    calls = list(scenario.history(seed, days, datetime.now(UTC)))
    told = [each for call in calls for each in target.dialect.webhooks(call, target.secrets) if each.essential]
    async with _hook(target) as hook:
        return len(calls), await play_history(hook, told, watch(len(told)))


async def play_on(target: Target, seed: int, per_hour: float, progress: Progress) -> None:
    """Live calls at their moments, until cancelled."""
    calls = scenario.live(seed, datetime.now(UTC), per_hour)
    async with _hook(target) as hook:
        await play_live(hook, in_time(target.dialect.webhooks(call, target.secrets) for call in calls), progress)


@asynccontextmanager
async def _hook(target: Target) -> AsyncIterator[Hook]:
    import httpx  # it takes a third of a second, which commands without requests need not wait

    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:
        yield Hook(client, target.hook)
