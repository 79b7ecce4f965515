"""What a simulated week's truth comes to, reckoned in plain Python, is what the platform says of it."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from tests.journeys.platform import Platform, command, eventually

WEEK = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-09T00:00:00Z"}
THRESHOLD, SHORT = 20, 5
Call = dict[str, Any]


@pytest.fixture(scope="module")
def truth(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """A week that a disturbed provider told, as it really was."""
    file: Path = tmp_path_factory.mktemp("truth") / "week.jsonl"
    untidy = ["--doubles", "5", "--late", "5", "--swapped", "5"]
    week = ["--start", "2026-03-02", "--days", "7", "--rate", "2", "--seed", "7"]
    command("simulate", "--data", str(platform.data), *week, *untidy, "--truth", str(file), "--json")
    calls = [json.loads(line) for line in file.read_text().splitlines()]
    eventually(lambda: counted(platform) == len(calls), seconds=60)
    return calls


def counted(platform: Platform) -> float:
    return sum(point["value"] for point in platform.get("analytics", "/v1/metrics/call_volume", **WEEK)["points"])


def offered(calls: list[Call]) -> list[Call]:
    """Inbound calls past the menu, while there was anybody; misdialled ones are not counted."""
    told = [call for call in calls if call["direction"] == "inbound" and call["ending"] != "left_in_menu"]
    return [call for call in told if call["outcome"] != "after_hours" and not is_short(call)]


def is_short(call: Call) -> bool:
    return call["outcome"] == "abandoned" and call["wait_s"] < SHORT


def answered(calls: list[Call], direction: str) -> list[Call]:
    return [call for call in calls if call["outcome"] == "answered" and call["direction"] == direction]


def service_level(calls: list[Call]) -> float:
    """SL-E."""
    return mean(call["outcome"] == "answered" and call["wait_s"] <= THRESHOLD for call in offered(calls))


def asa(calls: list[Call]) -> float:
    return mean(call["wait_s"] for call in answered(calls, "inbound"))


def abandonment_rate(calls: list[Call]) -> float:
    return mean(call["outcome"] == "abandoned" for call in offered(calls))


def aht(calls: list[Call]) -> float:
    return mean(call["talk_s"] + call["hold_s"] + call["wrap_up_s"] for call in answered(calls, "inbound"))


def avg_call_duration(calls: list[Call]) -> float:
    return mean(call["talk_s"] + call["hold_s"] for call in answered(calls, "outbound"))


@pytest.mark.parametrize("reckoned", [service_level, asa, abandonment_rate, aht, avg_call_duration])
def test_a_statistic_is_what_the_truth_comes_to(
    platform: Platform, truth: list[Call], reckoned: Callable[[list[Call]], float]
) -> None:
    expected = reckoned(truth)

    def agrees() -> bool:
        (point,) = platform.get("analytics", f"/v1/metrics/{reckoned.__name__}", **WEEK)["points"]
        assert float(point["value"]) == pytest.approx(expected, abs=1e-6)
        return True

    assert eventually(agrees)


def test_what_agents_said_of_their_calls_is_what_they_said(platform: Platform, truth: list[Call]) -> None:
    def known() -> Counter[str]:
        listed = platform.get("calls", "/v1/calls", limit=500, **WEEK)["items"]
        return Counter(tag for call in listed for tag in call["tags"])

    said = Counter(tag for call in truth for tag in call["tags"])
    assert said
    assert eventually(lambda: known() == said)
