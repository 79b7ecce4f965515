"""Commands to records. The Idempotency-Key makes each happen once, however often it has to be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

LONGEST_DETAIL = 2_000


@dataclass(frozen=True)
class Reply:
    """What came back. Without a ``status`` nothing did, and whether the command took effect is unknown."""

    status: int | None
    detail: str


class Records:
    """Open for as long as the service runs; close it at the end."""

    def __init__(self, url: str, key: str, timeout: float = 10) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {key}"},
            timeout=timeout,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=50),
        )

    async def send(self, method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """Never raises for what the other side or the network does."""
        content = orjson.dumps(dict(body), option=orjson.OPT_SORT_KEYS)
        try:
            answer = await self._client.request(
                method, path, content=content, headers={**headers, "content-type": "application/json"}
            )
        except httpx.HTTPError as error:
            return Reply(None, f"records did not answer: {error or type(error).__name__}")
        return Reply(answer.status_code, "" if answer.is_success else _sentence(answer))

    async def close(self) -> None:
        await self._client.aclose()


def _sentence(answer: httpx.Response) -> str:
    """The problem's own words (RFC 9457), with the places it names."""
    try:
        problem = orjson.loads(answer.content)
        places = "; ".join(f"{each['pointer']}: {each['detail']}" for each in problem.get("errors", []))
        detail = str(problem.get("detail") or problem.get("title") or "")
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return f"records answered {answer.status_code}"
    return (f"{detail} ({places})" if places and places not in detail else detail)[:LONGEST_DETAIL]
