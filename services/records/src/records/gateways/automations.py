"""Handing the rules of a template to automations, which owns rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import orjson

from shared import telemetry
from shared.contracts.records import ProjectChanged
from shared.errors import Problem, Unavailable

TIMEOUT = 10.0


class RulesRefused(Problem):
    """Automations understood the request and said no: a fault of the template, not of the caller."""

    status = 502
    title = "Refused by automations"


class Automations(Protocol):
    async def apply_rules(
        self, rules: Sequence[Mapping[str, Any]], projects: Sequence[ProjectChanged], idempotency_key: str
    ) -> list[dict[str, str]]:
        """Make the rules, of projects that are about to be. Returns the parts that were skipped.

        Each is ``{"pointer", "reason"}``, the pointer being ``/rules/<n>/…``.
        """


@dataclass(frozen=True)
class HttpAutomations:
    """``url`` is the service's base address, ``key`` one of scope ``admin``."""

    client: httpx.AsyncClient
    url: str
    key: str

    async def apply_rules(
        self, rules: Sequence[Mapping[str, Any]], projects: Sequence[ProjectChanged], idempotency_key: str
    ) -> list[dict[str, str]]:
        body = {"rules": list(rules), "projects": [each.model_dump(mode="json") for each in projects]}
        answer = await self._post("/v1/configuration/part", body, idempotency_key)
        if answer.status_code in (401, 403, 409, 429) or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _unavailable(f"answered {answer.status_code}")
        if answer.is_error:
            raise RulesRefused(f"Automations refused the template's rules: {answer.text[:500]}")
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
            raise _unavailable("cannot be reached") from error


def _unavailable(how: str) -> Unavailable:
    problem = Unavailable(f"Automations {how}; nothing was installed. Try again.")
    problem.retry_after = 2
    return problem
