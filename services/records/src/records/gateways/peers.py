"""The other services, asked over HTTP for what they own: their part of a configuration, what they hold of a person."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from shared import telemetry
from shared.contracts.records import ProjectChanged
from shared.errors import Problem, Unavailable

TIMEOUT = 10.0
# For a person a whole database is looked through.
LONG_TIMEOUT = 300.0
POLL_S = 0.3
# Answers that may be another one soon.
FOR_NOW = (401, 403, 409, 429)

Json = Mapping[str, Any]


class PartRefused(Problem):
    """The other service understood the request and said no: a fault of what was asked, not of the caller."""

    status = 502
    title = "Refused by another service"


@dataclass(frozen=True)
class Peer:
    """``url`` is the service's base address, ``key`` one of scope ``admin``."""

    client: httpx.AsyncClient
    name: str
    url: str
    key: str

    async def configuration(self) -> Json:
        """What there is, by noun."""
        return await self._ask("GET", "/v1/configuration/part", what="the question for its configuration")

    async def configure(
        self,
        noun: str,
        items: Sequence[Json],
        projects: Sequence[ProjectChanged],
        idempotency_key: str,
        *,
        dry_run: bool = False,
        destroy: bool = False,
    ) -> Json:
        """Make these ``noun`` (``rules``, ``dashboards``), of projects that are about to be.

        Returns ``created, changed, unchanged, destroyed``, each ``[{"key", "id"}]``, and ``skipped``: parts as
        ``{"pointer", "reason"}``, the pointer being ``/<noun>/<n>/…``.
        """
        body = {
            noun: list(items),
            "projects": [each.model_dump(mode="json") for each in projects],
            "dry_run": dry_run,
            "destroy": destroy,
        }
        named = {} if dry_run else {"idempotency-key": idempotency_key}
        return await self._ask("POST", "/v1/configuration/part", body, what=f"the {noun}", headers=named)

    async def found(self, person: Json) -> Json:
        """``found`` by store, and ``rows``."""
        return await self._ask(
            "POST", "/v1/persons/part/found", person, what="to look for the person", timeout=LONG_TIMEOUT
        )

    async def erase(self, person: Json, mark: str, idempotency_key: str) -> Json:
        """The service's part of the receipt, once it is done. Asked again under the same key it is the same work."""
        named = {"idempotency-key": idempotency_key}
        job = await self._ask(
            "POST", "/v1/persons/part", {**person, "mark": mark}, what="to forget the person", headers=named
        )
        while job["state"] in ("waiting", "running"):
            await asyncio.sleep(POLL_S)
            job = await self._ask("GET", f"/v1/jobs/{self.name}/{job['id']}", what="how far its job is")
        if job["state"] != "done":
            raise PartRefused(f"{self.name.title()} did not forget the person: {job['error'] or job['state']}")
        result: Json = job["result"]
        return result

    async def _ask(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        what: str,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 — httpx's own
    ) -> Json:
        traced = {"traceparent": parent} if (parent := telemetry.traceparent()) else {}
        sent = {"authorization": f"Bearer {self.key}", "content-type": "application/json", **traced, **(headers or {})}
        content = None if body is None else orjson.dumps(body)
        try:
            answer = await self.client.request(
                method, f"{self.url}{path}", content=content, headers=sent, timeout=timeout
            )
        except httpx.HTTPError as error:
            raise self._unavailable("cannot be reached") from error
        return self._understood(answer, what)

    def _understood(self, answer: httpx.Response, what: str) -> Json:
        if answer.status_code in FOR_NOW or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise self._unavailable(f"answered {answer.status_code}")
        if answer.is_error:
            raise PartRefused(f"{self.name.title()} refused {what}: {answer.text[:500]}")
        told: Json = answer.json()
        return told

    def _unavailable(self, how: str) -> Unavailable:
        problem = Unavailable(f"{self.name.title()} {how}; nothing was changed. Try again.")
        problem.retry_after = 2
        return problem
