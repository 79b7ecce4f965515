"""Imports as a test asks for them, and waits for them."""

import asyncio
import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx
import orjson
from services.records.tests.running import Api

from records.workers.jobs import JOBS
from shared.http.application import Parts
from shared.jobs.running import Kinds, run_next
from shared.testing.service import PATIENCE_SECONDS


def written(columns: Sequence[str], *rows: Sequence[str], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([columns, *rows])
    return text.getvalue().encode()


async def upload(api: Api, content: bytes, name: str = "file.csv") -> Any:
    answer = await api.client.post("/v1/imports/uploads", params={"name": name}, content=content)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def import_file(api: Api, content: bytes, **asked: Any) -> Any:
    """The finished import."""
    held = await upload(api, content)
    job = await api.post("/v1/imports", {"upload": held["upload"], **asked}, status=202)
    return await finished(api, f"/v1/imports/{job['id']}")


async def finished(api: Api, path: str, kinds: Kinds = JOBS) -> Any:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (found := await api.get(path))["state"] in ("waiting", "running"):
            await run_next(kinds, parts(api))
            await asyncio.sleep(0.02)
    return found


def parts(api: Api) -> Parts:
    """What a worker of the service gets, the bus apart: no job here needs it."""
    return Parts(api.app.state.settings, api.database, None, None, api.app.state.parts)  # type: ignore[arg-type]


async def rejected(api: Api, done: dict[str, Any]) -> list[dict[str, str]]:
    answer = await api.client.get(done["rejected_rows"])
    return list(csv.DictReader(io.StringIO(answer.text)))


async def form(api: Api, path: str, content: bytes, **asked: Any) -> httpx.Response:
    fields = {name: part if isinstance(part, str) else orjson.dumps(part).decode() for name, part in asked.items()}
    return await api.client.post(path, data=fields, files={"file": ("people.csv", content, "text/csv")})
