"""What a dashboard or an alert asks for is something that is measured."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
PROMETHEUS = ROOT / "deploy/prometheus"
OF_PROMETHEUS = {"up"}
KEYWORDS = {"and", "or", "unless"}

# Makes each of our instruments, and prints what /metrics would.
MEASURE = """
import json, sys
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import generate_latest

provider = MeterProvider(metric_readers=[PrometheusMetricReader()])
meter = provider.get_meter("trunkline")
for kind, name, unit in json.loads(sys.argv[1]):
    instrument = getattr(meter, kind)(name, unit=unit)
    getattr(instrument, {"create_histogram": "record", "create_gauge": "set"}.get(kind, "add"))(1)

print(generate_latest().decode())
"""


def instruments() -> Iterator[tuple[str, str, str]]:
    """Kind, name and unit of everything the code measures."""
    for path in (*ROOT.glob("libs/shared/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield from _instrument(node, node.func.attr)


def _instrument(call: ast.Call, kind: str) -> Iterator[tuple[str, str, str]]:
    if re.fullmatch("create_(counter|histogram|gauge|up_down_counter)", kind) and isinstance(
        call.args[0], ast.Constant
    ):
        units = [
            each.value.value for each in call.keywords if each.arg == "unit" and isinstance(each.value, ast.Constant)
        ]
        yield kind, str(call.args[0].value), str(units[0]) if units else ""


@cache
def measured() -> frozenset[str]:
    """Names of the series a service's /metrics can hold, with the image's choice of conventions."""
    chosen = re.search(r"^ *(OTEL_SEMCONV_STABILITY_OPT_IN)=(\S+)", _recipe(), re.MULTILINE)
    assert chosen
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, json.dumps(sorted(set(instruments())))],
        env={chosen[1]: chosen[2]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return frozenset(re.findall(r"^([a-z_]+)[{ ]", answer.stdout, re.MULTILINE))


def _recipe() -> str:
    return (ROOT / "deploy/service.Dockerfile").read_text()


def asked_for(query: str) -> set[str]:
    """The series a PromQL query names."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]', lambda found: "{}" if found[0][0] == "{" else "", query)
    bare = re.sub(r"\b(by|without)\s*\([^)]*\)|\boffset\s+\w+", "", bare)
    return set(re.findall(r"\b[a-z_][a-z_\d]*\b(?!\s*\()", bare)) - KEYWORDS


def panels(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_a_query_is_read_right() -> None:
    query = 'sum by (a) (rate(x_total{b="y_total"}[5m])) / (z unless z offset 5m) or max(v_bytes) > 0.5'
    assert asked_for(query) == {"x_total", "z", "v_bytes"}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_what_a_dashboard_shows_is_measured(path: Path) -> None:
    for panel in panels(path):
        for target in panel["targets"]:
            assert asked_for(target["expr"]) <= measured() | OF_PROMETHEUS, panel["title"]


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_what_an_alert_watches_is_measured(rule: dict[str, Any]) -> None:
    assert asked_for(rule["expr"]) <= measured() | OF_PROMETHEUS


def test_every_alert_is_fired_by_its_test() -> None:
    tests = yaml.safe_load((PROMETHEUS / "alerts.test.yml").read_text())["tests"]
    fired = {each["alertname"] for test in tests for each in test["alert_rule_test"] if each["exp_alerts"]}
    assert fired == {rule["alert"] for rule in alerts()}


def test_dashboards_draw_from_what_is_provisioned() -> None:
    sources = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/datasources.yml").read_text())[
        "datasources"
    ]
    known = {each["uid"] for each in sources}
    for path in DASHBOARDS:
        for panel in panels(path):
            assert {each["datasource"]["uid"] for each in (panel, *panel["targets"])} <= known


def test_dashboards_have_names_of_their_own() -> None:
    boards = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert len({board["uid"] for board in boards}) == len({board["title"] for board in boards}) == len(boards) == 2


def test_every_service_is_scraped_where_it_listens() -> None:
    jobs = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    scraped = {each["labels"]["service"]: each["targets"][0] for job in jobs for each in job["static_configs"]}
    parts = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    services = {name: part for name, part in parts.items() if "SERVICE" in str(part.get("build"))}
    assert scraped == {name: f"{name}:{part['environment'][f'{name.upper()}_PORT']}" for name, part in services.items()}
