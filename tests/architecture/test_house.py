"""The rules of the house that no linter knows."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("records", "calls", "automations", "analytics")
ROOMS = {
    "main.py", "settings.py", "dependencies.py", "__init__.py", "__main__.py", "py.typed",
    "api", "consumers", "workers", "gateways", "usecases", "storage", "domain", "web",
}  # fmt: skip
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def tracked(*endings: str) -> list[Path]:
    return [ROOT / name for name in TRACKED if name.endswith(endings) and (ROOT / name).exists()]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_no_other_rooms(service: str) -> None:
    found = {each.name for each in (ROOT / "services" / service / "src" / service).iterdir()}
    assert found - {"__pycache__"} <= ROOMS


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_introduces_itself(service: str) -> None:
    for name in ("README.md", "openapi.json", "asyncapi.json", "pyproject.toml"):
        assert (ROOT / "services" / service / name).exists()


def test_no_file_is_named_for_nothing() -> None:
    names = {path.stem for path in tracked(".py")}
    assert not names & {"utils", "util", "common", "helpers", "helper", "base", "misc", "manager"}


def test_the_lock_names_no_address() -> None:
    assert not re.search(r"https?://|file:", (ROOT / "requirements.lock").read_text())


@pytest.mark.parametrize("folder", [*(f"{each}/migrations" for each in SERVICES), "analytics/migrations/clickhouse"])
def test_migrations_are_numbered_without_gaps(folder: str) -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "services" / folder).glob("[0-9]*"))
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_only_the_bus_and_the_relay_publish() -> None:
    """State and its event are one commit: everything else goes through the outbox."""
    allowed = {"relay.py", "dead_letters.py"}
    publishers = [
        path for path in tracked(".py")
        if "/src/" in str(path) and re.search(r"(jetstream|client|broker|nc|js)(\(\))?\.publish\(", path.read_text())
    ]  # fmt: skip
    assert {path.name for path in publishers} <= allowed
