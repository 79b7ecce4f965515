"""Handing parts of a configuration to the services that own them, such as rules to automations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import orjson

from shared import telemetry
from shared.contracts.records import ProjectChanged
from shared.errors import Problem, Unavailable

TIMEOUT = 10.0
# Answers that may be another one soon.
FOR_NOW = (401, 403, 409, 429)


class PartRefused(Problem):
    """The owner understood the request and said no: a fault of the file, not of the caller."""

    status = 502
    title = "Refused by another service"


class Owner(Protocol):
    async def read(self) -> Mapping[str, Any]:
        """What there is, by noun."""

    async def apply(
        self,
        noun: str,
        items: Sequence[Mapping[str, Any]],
        projects: Sequence[ProjectChanged],
        idempotency_key: str,
        *,
        dry_run: bool = False,
        destroy: bool = False,
    ) -> Mapping[str, Any]:
        """Make these ``noun`` (``rules``, ``dashboards``), of projects that are about to be.

        Returns ``created, changed, unchanged, destroyed``, each ``[{"key", "id"}]``, and ``skipped``: parts as
        ``{"pointer", "reason"}``, the pointer being ``/<noun>/<n>/…``.
        """


@dataclass(frozen=True)
class HttpOwner:
    """``url`` is the service's base address, ``key`` one of scope ``admin``."""

    client: httpx.AsyncClient
    name: str
    url: str
    key: str

    async def read(self) -> Mapping[str, Any]:
        answer = await self._ask("GET")
        return self._understood(answer, "the question for its configuration")

    async def apply(
        self,
        noun: str,
        items: Sequence[Mapping[str, Any]],
        projects: Sequence[ProjectChanged],
        idempotency_key: str,
        *,
        dry_run: bool = False,
        destroy: bool = False,
    ) -> Mapping[str, Any]:
        body = {
            noun: list(items),
            "projects": [each.model_dump(mode="json") for each in projects],
            "dry_run": dry_run,
            "destroy": destroy,
        }
        named = {} if dry_run else {"idempotency-key": idempotency_key}
        return self._understood(await self._ask("POST", body, **named), f"the {noun}")

    def _understood(self, answer: httpx.Response, what: str) -> Mapping[str, Any]:
        if answer.status_code in FOR_NOW or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise self._unavailable(f"answered {answer.status_code}")
        if answer.is_error:
            raise PartRefused(f"{self.name.title()} refused {what}: {answer.text[:500]}")
        told: Mapping[str, Any] = answer.json()
        return told

    async def _ask(self, method: str, body: Mapping[str, Any] | None = None, **headers: str) -> httpx.Response:
        headers |= {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        parent = telemetry.traceparent()
        if parent:
            headers["traceparent"] = parent
        content = None if body is None else orjson.dumps(body)
        try:
            return await self.client.request(
                method, f"{self.url}/v1/configuration/part", content=content, headers=headers, timeout=TIMEOUT
            )
        except httpx.HTTPError as error:
            raise self._unavailable("cannot be reached") from error

    def _unavailable(self, how: str) -> Unavailable:
        problem = Unavailable(f"{self.name.title()} {how}; nothing was changed. Try again.")
        problem.retry_after = 2
        return problem
