"""Asking a provider's API as it wants to be asked: not too often, patient with it, and never anybody else."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from shared.errors import Problem

ATTEMPTS = 6
PATIENCE_SECONDS = 30.0
# Of a "too many" that does not say how long, and the longest that is believed.
PENALTY_SECONDS, LONGEST_PENALTY_SECONDS = 60.0, 900.0


class ProviderFailed(Problem):
    """The provider refuses, or has not answered after several attempts."""

    status = 502
    title = "The provider does not answer"


class NotThere(ProviderFailed):
    """404."""


class Clock(Protocol):
    def now(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


# What proves to the API who asks, as headers.
Authorize = Callable[[httpx.AsyncClient], Awaitable[Mapping[str, str]]]


@dataclass
class Api:
    """``per_minute`` requests are spread evenly. ``reset_header`` carries the Unix second at which a penalty ends.

    ``also`` are other addresses of the same API.
    """

    client: httpx.AsyncClient
    authorize: Authorize
    clock: Clock
    per_minute: float
    reset_header: str | None = None
    also: tuple[str, ...] = ()
    _headers: Mapping[str, str] | None = None
    _next: float = field(default=0.0)

    async def get(self, address: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON at an address of this API. Raises `ProviderFailed`."""
        self._check(address)
        said = "nothing"
        for attempt in range(ATTEMPTS):
            await self._turn()
            try:
                answer = await self._send(address, parameters)
            except httpx.TransportError as error:
                said = type(error).__name__
                await self.clock.sleep(2.0**attempt)
                continue
            if answer.is_success:
                return _json(answer)
            said = f"{answer.status_code}: {answer.text[:300]}"
            await self._after(answer, attempt, said)
        raise ProviderFailed(f"{self.client.base_url.host} failed {ATTEMPTS} times; the last answer was {said}.")

    async def stream(self, link: str, *, ours: bool, media: Sequence[str]) -> httpx.Response:
        """What is behind a link, for the caller to read and close; no redirect is followed. Raises `ProviderFailed`."""
        if ours:
            self._check(link)
        else:
            self._check_media(link, media)
        headers = await self._proof() if ours else {}
        try:
            answer = await self.client.send(self.client.build_request("GET", link, headers=headers), stream=True)
        except httpx.TransportError as error:
            raise ProviderFailed(f"The recording cannot be fetched: {type(error).__name__}.") from error
        if not answer.is_success:
            await answer.aclose()
            raise ProviderFailed(f"The recording cannot be fetched: {answer.url.host} answered {answer.status_code}.")
        return answer

    async def _proof(self) -> Mapping[str, str]:
        if self._headers is None:
            self._headers = await self.authorize(self.client)
        return self._headers

    async def _send(self, address: str, parameters: Mapping[str, Any] | None) -> httpx.Response:
        return await self.client.get(address, params=parameters, headers=await self._proof())

    async def _after(self, answer: httpx.Response, attempt: int, said: str) -> None:
        """Wait as the answer asks for. What will not be better next time raises `ProviderFailed`."""
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            await self.clock.sleep(self._penalty(answer))
        elif answer.status_code == httpx.codes.UNAUTHORIZED and attempt == 0:
            self._headers = None  # it may have been granted for an hour only
        elif answer.is_server_error:
            await self.clock.sleep(2.0**attempt)
        elif answer.status_code == httpx.codes.NOT_FOUND:
            raise NotThere(f"{self.client.base_url.host} answered {said}.")
        else:
            raise ProviderFailed(f"{self.client.base_url.host} answered {said}.")

    def _penalty(self, answer: httpx.Response) -> float:
        """Asking before it is over makes it longer."""
        told, reset = answer.headers.get("retry-after", ""), answer.headers.get(self.reset_header or "", "")
        if told.isdecimal():
            return min(float(told), LONGEST_PENALTY_SECONDS)
        if reset.isdecimal():
            return min(max(float(reset) - time.time(), 1.0), LONGEST_PENALTY_SECONDS)
        return PENALTY_SECONDS

    async def _turn(self) -> None:
        now = self.clock.now()
        if self._next > now:
            await self.clock.sleep(self._next - now)
        self._next = max(self._next, now) + 60.0 / self.per_minute

    def _check_media(self, link: str, media: Sequence[str]) -> None:
        """The provider's own hosts only, whatever a body says; on its usual port, encrypted."""
        there, base = self.client.base_url.join(link), self.client.base_url
        known = any(there.host == host or there.host.endswith(f".{host}") for host in media)
        if _origin(there) != _origin(base) and not (known and there.scheme == "https" and there.port is None):
            raise ProviderFailed(f"The recording's link leads to {there.host}, which is no host of this provider's.")

    def _check(self, address: str) -> None:
        """A link of the answer before must lead to the same place: our credentials go there."""
        base = self.client.base_url
        there = base.join(address)
        if _origin(there) not in [_origin(base), *(_origin(httpx.URL(each)) for each in self.also)]:
            raise ProviderFailed(f"{base.host} sent us on to {there.host}, where its credentials do not belong.")


def _origin(address: httpx.URL) -> tuple[str, str, int | None]:
    return address.scheme, address.host, address.port


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise ProviderFailed(f"{answer.url.host} answered no JSON.") from error
    if not isinstance(found, dict):
        raise ProviderFailed(f"{answer.url.host} answered no JSON object.")
    return found
