"""Handing parts of a template to the services that own them: rules to automations, dashboards to analytics."""

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
    """The owner understood the request and said no: a fault of the template, not of the caller."""

    status = 502
    title = "Refused by another service"


class Owner(Protocol):
    async def apply(
        self, noun: str, items: Sequence[Mapping[str, Any]], projects: Sequence[ProjectChanged], idempotency_key: str
    ) -> list[dict[str, str]]:
        """Make these ``noun`` (``rules``, ``dashboards``), of projects that are about to be.

        Returns the parts that were skipped, as ``{"pointer", "reason"}``, the pointer being ``/<noun>/<n>/…``.
        """


@dataclass(frozen=True)
class HttpOwner:
    """``url`` is the service's base address, ``key`` one of scope ``admin``."""

    client: httpx.AsyncClient
    name: str
    url: str
    key: str

    async def apply(
        self, noun: str, items: Sequence[Mapping[str, Any]], projects: Sequence[ProjectChanged], idempotency_key: str
    ) -> list[dict[str, str]]:
        body = {noun: list(items), "projects": [each.model_dump(mode="json") for each in projects]}
        answer = await self._post("/v1/configuration/part", body, idempotency_key)
        if answer.status_code in FOR_NOW or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise self._unavailable(f"answered {answer.status_code}")
        if answer.is_error:
            raise PartRefused(f"{self.name.title()} refused the template's {noun}: {answer.text[:500]}")
        skipped: list[dict[str, str]] = answer.json()["skipped"]
        return skipped

    async def _post(self, path: str, body: Mapping[str, Any], idempotency_key: str) -> httpx.Response:
        headers = {
            "authorization": f"Bearer {self.key}",
            "content-type": "application/json",
            "idempotency-key": idempotency_key,
        }
        parent = telemetry.traceparent()
        if parent:
            headers["traceparent"] = parent
        try:
            return await self.client.post(
                f"{self.url}{path}", content=orjson.dumps(body), headers=headers, timeout=TIMEOUT
            )
        except httpx.HTTPError as error:
            raise self._unavailable("cannot be reached") from error

    def _unavailable(self, how: str) -> Unavailable:
        problem = Unavailable(f"{self.name.title()} {how}; nothing was installed. Try again.")
        problem.retry_after = 2
        return problem
