"""The compose file, the images and the launcher keep to what the code expects, and to the rules of a safe container."""

import re
import stat
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml
from pydantic_settings import SettingsConfigDict

from shared.engines.postgres import Cluster
from shared.http.keys import key_id
from shared.settings import ServiceSettings
from shared.testing import containers
from trunkline.launcher import plan
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.installation import Installation
from trunkline.launcher.port_map import PortMap

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = ("records", "automations", "calls", "analytics")
ENGINES = ("nats", "postgres", "clickhouse")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]
RECIPES = sorted(DEPLOY.rglob("*Dockerfile"))


def settings_of(service: str) -> type[ServiceSettings]:
    known = vars(import_module(f"{service}.settings")).values()
    (settings,) = {each for each in known if isinstance(each, type) and issubclass(each, ServiceSettings)} - {
        ServiceSettings
    }
    return settings


def fields(service: str, names: set[str]) -> set[str]:
    """The settings' fields that variables or secrets of these names reach; a foreign prefix is told by its name."""
    return {name.lower().removeprefix(f"{service}_") for name in names}


def secrets_of(part: str) -> set[str]:
    given = PARTS[part].get("secrets", [])
    return {each if isinstance(each, str) else each["source"] for each in given}


def launched(service: str) -> set[str]:
    """What the launcher of the embedded engines tells the service."""
    installation = Installation(
        id="i", admin_key="k", automations_key="k", nats_password="p", postgres_password="p",
        database_passwords=dict.fromkeys(SERVICES, "p"), database_home="postgres",
    )  # fmt: skip
    place = Path("nowhere")
    described = plan.Plan(DataFolder(place), installation, PortMap(8000), Cluster(place, place, 5432), store_lock=0)
    return set(plan.environment(described, service))


def composed(service: str) -> set[str]:
    return set(PARTS[service]["environment"]) | secrets_of(service)


@pytest.mark.parametrize("given", [launched, composed])
@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_given_is_one_the_service_has(service: str, given: Any) -> None:
    assert fields(service, given(service)) <= set(settings_of(service).model_fields)


@pytest.mark.parametrize("given", [launched, composed])
@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_without_a_default_is_given(service: str, given: Any) -> None:
    required = {name for name, field in settings_of(service).model_fields.items() if field.is_required()}
    assert required <= fields(service, given(service))


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_launcher_must_tell_a_service_compose_tells_it_too(service: str) -> None:
    """But for what differs on purpose: spans go to the collector there, and the test clock is of tests."""
    assert launched(service) - {f"{service.upper()}_{name}" for name in ("SPANS_FILE", "TEST_CLOCK")} <= {
        name.upper() for name in composed(service)
    }


def test_secrets_are_files_and_never_variables() -> None:
    for name, part in PARTS.items():
        for variable, value in (part.get("environment") or {}).items():
            assert not re.search("password|key|secret|database_url|nats_url|clickhouse_url", variable.lower()) or str(
                value
            ).startswith("/run/secrets/"), f"{name} is given {variable} openly"


def test_a_secret_given_as_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Settings(ServiceSettings):
        model_config = SettingsConfigDict(env_prefix="SAMPLE_", secrets_dir=tmp_path)

    monkeypatch.setenv("SAMPLE_NATS_URL", "nats://variable")
    (tmp_path / "sample_database_url").write_text("postgresql+asyncpg://file\n")
    (tmp_path / "sample_nats_url").write_text("nats://file\n")
    read = Settings()
    assert (read.database_url, read.nats_url) == ("postgresql+asyncpg://file", "nats://variable")


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the script makes, far from the repository."""
    folder = tmp_path_factory.mktemp("deploy")
    (folder / "secrets.sh").write_bytes((DEPLOY / "secrets.sh").read_bytes())
    subprocess.run(["sh", "secrets.sh"], cwd=folder, check=True, capture_output=True)
    return folder / "secrets"


def contents(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text().strip() for each in folder.iterdir()}


def test_every_secret_is_made_once(secrets: Path) -> None:
    made = contents(secrets)
    assert set(made) == {Path(each["file"]).name for each in COMPOSE["secrets"].values()}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    subprocess.run(["sh", "secrets.sh"], cwd=secrets.parent, check=True, capture_output=True)
    assert contents(secrets) == made


def test_secrets_fit_together(secrets: Path) -> None:
    made = contents(secrets)
    assert key_id(made["records_admin_key"]) != key_id(made["records_automations_key"])
    assert made["records_automations_key"] == made["automations_records_key"]
    for service in SERVICES:
        password = urlsplit(made[f"{service}_nats_url"]).password
        assert f'{{user: {service}, password: "{password}"' in made["nats_users"]
    users = ET.fromstring(made["clickhouse_users"])
    assert users.findtext("users/analytics/password") == urlsplit(made["analytics_clickhouse_url"]).password


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_settled_by_what_compose_gives_it(
    service: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in PARTS[service]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(value)))
    settings = settings_of(service)(_secrets_dir=secrets)
    assert settings.database_url == contents(secrets)[f"{service}_database_url"]
    assert settings.nats_url == contents(secrets)[f"{service}_nats_url"]


def test_clickhouse_is_given_a_document() -> None:
    assert ET.parse(DEPLOY / "clickhouse/config.xml").getroot().tag == "clickhouse"


def test_no_secret_is_committed() -> None:
    listing = ["git", "ls-files", "deploy/secrets"]
    tracked = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    assert tracked.stdout == ""
    assert "secrets/" in (DEPLOY / ".gitignore").read_text().split()


def test_every_secret_given_is_declared() -> None:
    assert {each for part in PARTS for each in secrets_of(part)} == set(COMPOSE["secrets"])


def test_everything_mounted_exists() -> None:
    for part in PARTS.values():
        for volume in part.get("volumes", []):
            source, target = volume.split(":")[:2]
            assert target.startswith("/")
            if source.startswith("."):
                assert (ROOT / source).exists(), source
                assert volume.endswith(":ro"), f"{source} can be written to"
            else:
                assert source in COMPOSE["volumes"], source


def test_every_image_is_pinned() -> None:
    images = {part["image"] for part in PARTS.values()}
    for recipe in RECIPES:
        images |= set(re.findall(r"^FROM (\S+)", recipe.read_text(), re.MULTILINE))
    for image in images:
        assert re.fullmatch(r"[a-z/-]+:v?\d+(\.\d+)*(-[a-z]+)?", image), image


def test_the_engines_are_those_of_the_tests() -> None:
    assert PARTS["postgres"]["image"] == containers.POSTGRES_IMAGE
    assert f"FROM {containers.NATS_IMAGE}-alpine" in (DEPLOY / "nats/Dockerfile").read_text()


def test_the_bus_syncs_before_it_acknowledges() -> None:
    assert re.search(r"^\s*sync_interval: always$", (DEPLOY / "nats/nats.conf").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", PARTS)
def test_a_container_can_do_little(name: str) -> None:
    part = PARTS[name]
    user = part["user"].partition(":")[0]
    assert user.isdigit()
    assert user != "0"
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert "cap_add" not in part
    assert "privileged" not in part
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert part["pids_limit"]
    assert part["mem_limit"]


@pytest.mark.parametrize("name", PARTS)
def test_a_container_tells_its_health(name: str) -> None:
    check = PARTS[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_ready_on_the_port_it_is_published_on(service: str) -> None:
    port = PARTS[service]["environment"][f"{service.upper()}_PORT"]
    assert PARTS[service]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"http://127.0.0.1:{port}/readyz" in PARTS[service]["healthcheck"]["test"][-1]
    assert port == PortMap(8000)[service]


def test_nothing_else_is_published() -> None:
    published = {name: part["ports"] for name, part in PARTS.items() if "ports" in part}
    assert set(published) == {*SERVICES, "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_engines_are_reached_from_inside_only() -> None:
    for name, part in PARTS.items():
        if name not in {*SERVICES, "grafana"}:
            assert all(COMPOSE["networks"][network].get("internal") for network in part["networks"]), name


def test_everyone_waits_until_what_they_need_is_healthy() -> None:
    for name, part in PARTS.items():
        for condition in part.get("depends_on", {}).values():
            assert condition == {"condition": "service_healthy"}, name
    for service in SERVICES:
        needed = ENGINES if service == "analytics" else ENGINES[:2]
        assert set(PARTS[service]["depends_on"]) == set(needed)


def test_no_engine_is_in_an_image_of_a_service() -> None:
    """The embedded engines are extras; an image is given none."""
    for member in ("libs/shared", *(f"services/{service}" for service in SERVICES)):
        dependencies = tomllib.loads((ROOT / member / "pyproject.toml").read_text())["project"]["dependencies"]
        assert not [each for each in dependencies if re.match(r"nats-server|pixeltable|chdb|.*\[embedded\]", each)]
    assert "--extra" not in (DEPLOY / "service.Dockerfile").read_text()


def test_an_image_holds_what_the_lock_says() -> None:
    recipe = (DEPLOY / "service.Dockerfile").read_text()
    assert "--require-hashes --constraints requirements.lock" in recipe
    assert re.search(r"^uv==\S+ \\\n +--hash=sha256:", (DEPLOY / "uv.txt").read_text(), re.MULTILINE)
