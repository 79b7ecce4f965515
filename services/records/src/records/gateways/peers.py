"""The other services, asked for their part in exporting or forgetting a person."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from shared.errors import Problem, Unavailable

# A whole database is looked through.
TIMEOUT = 300.0
POLL_S = 0.3


class PartFailed(Problem):
    status = 502
    title = "Another service failed"


@dataclass(frozen=True)
class Peer:
    """``url`` is the service's base address, ``key`` one of scope ``admin``."""

    client: httpx.AsyncClient
    name: str
    url: str
    key: str

    async def found(self, person: Mapping[str, Any]) -> Mapping[str, Any]:
        """``found`` by store, and ``rows``."""
        known: Mapping[str, Any] = await self._ask("POST", "/v1/persons/part/found", person)
        return known

    async def erase(self, person: Mapping[str, Any], mark: str, idempotency_key: str) -> Mapping[str, Any]:
        """The service's part of the receipt, once it is done. Asked again under the same key it is the same work."""
        job = await self._ask("POST", "/v1/persons/part", {**person, "mark": mark}, idempotency_key)
        while job["state"] in ("waiting", "running"):
            await asyncio.sleep(POLL_S)
            job = await self._ask("GET", f"/v1/jobs/{self.name}/{job['id']}")
        if job["state"] != "done":
            raise PartFailed(f"{self.name.title()} did not forget the person: {job['error'] or job['state']}")
        result: Mapping[str, Any] = job["result"]
        return result

    async def _ask(self, method: str, path: str, body: Any = None, idempotency_key: str | None = None) -> Any:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        headers |= {"idempotency-key": idempotency_key} if idempotency_key else {}
        content = orjson.dumps(body) if body is not None else None
        try:
            answer = await self.client.request(
                method, f"{self.url}{path}", content=content, headers=headers, timeout=TIMEOUT
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"{self.name.title()} cannot be reached.") from error
        if answer.is_error:
            raise Unavailable(f"{self.name.title()} answered {answer.status_code}.")
        return answer.json()
