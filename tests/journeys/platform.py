"""The whole of Trunkline, started as its users start it, and what a journey needs to travel through it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from shared.testing.folders import temporary_folder

TRUNKLINE = [str(Path(sys.executable).with_name("trunkline"))]
FIXTURES = Path(__file__).parents[2] / "services/calls/tests/fixtures/aircall"
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Platform:
    """``urls`` by service; ``key`` is the administrator's."""

    data: Path
    urls: dict[str, str]
    key: str

    def client(self, service: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.urls[service], headers=headers, timeout=30, trust_env=False)

    def get(self, service: str, path: str, **parameters: Any) -> Any:
        with self.client(service) as client:
            answer = client.get(path, params=parameters)
            assert answer.status_code < 300, answer.text
            return answer.json()

    def post(self, service: str, path: str, body: Any, **headers: str) -> Any:
        with self.client(service) as client:
            answer = client.post(path, json=body, headers=headers)
            assert answer.status_code < 300, answer.text
            return answer.json()

    def spans(self, service: str) -> list[dict[str, Any]]:
        lines = (self.data / "spans" / f"{service}.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def status(self) -> dict[str, Any]:
        """What `trunkline status` knows, whether all is ready or not."""
        asked = [*TRUNKLINE, "status", "--data", str(self.data), "--json"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
        status: dict[str, Any] = json.loads(done.stdout)
        return status


def command(*words: str, **settings: str) -> str:
    """What the command prints. Raises with its last words where it fails."""
    asked, environment = [*TRUNKLINE, *words], os.environ | settings
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, f"trunkline {words[0]} said: {done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def started(**settings: str) -> Iterator[Platform]:
    """A platform of its own on free ports in a temporary folder, removed afterwards; it ends with this process."""
    with temporary_folder() as folder:
        data, mine = str(folder / "data"), str(os.getpid())
        try:
            said = command(
                "up", "--data", data, "--port-base", "auto", "--detach", "--while", mine, "--json", **settings
            )
            status = json.loads(said)
            yield Platform(Path(data), status["services"], status["key"])
        finally:
            subprocess.run([*TRUNKLINE, "down", "--data", data], capture_output=True, timeout=60, check=False)


def eventually(look: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS) -> Any:
    """The first truthy thing that ``look`` returns; fails with its last words when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := look():
                return found
        except (AssertionError, LookupError) as error:
            if time.monotonic() > deadline:
                raise
            last: object = error
        else:
            last = found
        assert time.monotonic() < deadline, f"Waited {seconds} s in vain; last seen: {last!r}"
        time.sleep(0.05)


def deliveries(scenario: str) -> list[bytes]:
    """The bodies of one Aircall scenario, in the order of the call's life."""
    return [path.read_bytes() for path in sorted(FIXTURES.glob(f"{scenario}.*.json"))]
