"""What a simulated week's truth comes to, reckoned in plain Python, is what the platform says of it.

The truth is what really happened; what a provider cannot tell no statistic of its calls can know. Those of `GENERIC`
tell everything; what others lack is said in docs/providers.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from tests.journeys.platform import Platform, command, eventually

WEEK = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-09T00:00:00Z"}
THRESHOLD, SHORT, CONVERSATION = 20, 5, 60
# Some providers tell moments to the millisecond.
SECONDS, EXACT = 0.1, 1e-9
Call = dict[str, Any]

GENERIC, AIRCALL = frozenset({"generic"}), frozenset({"aircall"})
# The menu is a part of the wait they tell.
WAIT_SINCE_START = frozenset({"ringover", "threecx", "vonage"})
# CloudTalk is not among them: its calls are of the time they are told at.
EVERYONE = GENERIC | AIRCALL | WAIT_SINCE_START | {"asterisk", "justcall", "ringcentral", "twilio"}


@pytest.fixture(scope="module")
def truth(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Call]]:
    """A week that disturbed providers told, as it really was, by provider."""
    file: Path = tmp_path_factory.mktemp("truth") / "week.jsonl"
    untidy = ["--doubles", "5", "--late", "5", "--swapped", "5"]
    week = ["--start", "2026-03-02", "--days", "5", "--rate", "0.6", "--seed", "9"]
    asked = [word for provider in sorted(EVERYONE) for word in ("--provider", provider)]
    command("simulate", "--data", str(platform.data), *week, *asked, *untidy, "--truth", str(file), "--json")
    calls = defaultdict(list)
    for line in file.read_text().splitlines():
        call = json.loads(line)
        calls[call["provider"]].append(call)
    expected = {provider: len(of_it) for provider, of_it in calls.items()}
    assert eventually(lambda: said_of(platform, "call_volume", "all") == expected)
    return calls


def said_of(platform: Platform, metric: str, variant: str) -> dict[str, float]:
    asked = {"variant": variant, "group_by": "provider"} | WEEK
    points = platform.get("analytics", f"/v1/metrics/{metric}", **asked)["points"]
    return {point["group"]: float(point["value"]) for point in points if point["value"] is not None}


def inbound(calls: Iterable[Call]) -> list[Call]:
    return [call for call in calls if call["direction"] == "inbound"]


def entered(calls: Iterable[Call]) -> list[Call]:
    """Past the menu, while there was anybody."""
    return [call for call in inbound(calls) if call["ending"] != "left_in_menu" and call["outcome"] != "after_hours"]


def offered(calls: Iterable[Call]) -> list[Call]:
    """Misdialled ones are not counted."""
    return [call for call in entered(calls) if not (abandoned(call) and call["wait_s"] < SHORT)]


def abandoned(call: Call) -> bool:
    return bool(call["outcome"] == "abandoned")


def answered(call: Call) -> bool:
    return bool(call["outcome"] == "answered")


def missed(call: Call) -> bool:
    return call["outcome"] in ("missed", "voicemail")


def soon(call: Call) -> bool:
    return bool(call["wait_s"] <= THRESHOLD)


def share(calls: Iterable[Call], counts: Callable[[Call], bool]) -> float:
    return mean(counts(call) for call in calls)


def wait(call: Call) -> float:
    """As its provider measures it."""
    return float(call["wait_s"] + (call["ivr_s"] if call["provider"] in WAIT_SINCE_START else 0))


def talk_and_hold(call: Call) -> float:
    return float(call["talk_s"] + call["hold_s"])


def handled(calls: Iterable[Call], direction: str = "inbound") -> list[Call]:
    return [call for call in calls if call["direction"] == direction and answered(call)]


Reckoned = Callable[[list[Call]], float]
# By metric and variant: of whom it can be known as it really was, and what the truth comes to.
STATISTICS: dict[tuple[str, str], tuple[frozenset[str], Reckoned]] = {
    ("call_volume", "dialled"): (EVERYONE, lambda calls: sum(call["direction"] == "outbound" for call in calls)),
    ("call_volume", "offered"): (GENERIC | AIRCALL, lambda calls: len(entered(calls))),
    ("asa", "mean"): (EVERYONE, lambda calls: mean(map(wait, handled(calls)))),
    ("aht", "talk_hold"): (EVERYONE, lambda calls: mean(map(talk_and_hold, handled(calls)))),
    ("aht", "talk_hold_wrap"): (
        GENERIC | AIRCALL | {"justcall"},
        lambda calls: mean(talk_and_hold(call) + call["wrap_up_s"] for call in handled(calls)),
    ),
    ("avg_call_duration", "connected"): (EVERYONE, lambda calls: mean(map(talk_and_hold, handled(calls, "outbound")))),
    ("avg_call_duration", "conversations"): (
        EVERYONE,
        lambda calls: mean(
            talk_and_hold(call) for call in handled(calls, "outbound") if talk_and_hold(call) >= CONVERSATION
        ),
    ),
    ("abandonment_rate", "short_out"): (GENERIC | AIRCALL, lambda calls: share(offered(calls), abandoned)),
    ("abandonment_rate", "raw"): (GENERIC | AIRCALL, lambda calls: share(entered(calls), abandoned)),
    ("service_level", "SL-A"): (
        GENERIC | AIRCALL,
        lambda calls: share(entered(calls), lambda call: soon(call) and (answered(call) or abandoned(call))),
    ),
    ("service_level", "SL-B"): (
        EVERYONE,
        lambda calls: share(handled(calls), lambda call: wait(call) <= THRESHOLD),
    ),
    ("service_level", "SL-C"): (
        GENERIC | AIRCALL,
        lambda calls: share((each for each in entered(calls) if answered(each) or abandoned(each)), in_time),
    ),
    ("service_level", "SL-D"): (
        GENERIC | AIRCALL,
        lambda calls: share(
            (each for each in entered(calls) if answered(each) or (abandoned(each) and not soon(each))), in_time
        ),
    ),
    ("service_level", "SL-E"): (GENERIC | AIRCALL, lambda calls: share(offered(calls), in_time)),
    ("service_level", "SL-F"): (
        GENERIC,
        lambda calls: share((each for each in entered(calls) if answered(each) or missed(each)), soon),
    ),
}


def in_time(call: Call) -> bool:
    return answered(call) and soon(call)


@pytest.mark.parametrize(("metric", "variant"), STATISTICS, ids=map("/".join, STATISTICS))
def test_a_statistic_is_what_the_truth_comes_to(
    platform: Platform, truth: dict[str, list[Call]], metric: str, variant: str
) -> None:
    known_of, reckoned = STATISTICS[metric, variant]
    expected = {provider: reckoned(truth[provider]) for provider in sorted(known_of)}
    near = SECONDS if metric in ("asa", "aht", "avg_call_duration") else EXACT

    def agrees() -> bool:
        said = said_of(platform, metric, variant)
        assert {provider: said.get(provider) for provider in expected} == pytest.approx(expected, abs=near)
        return True

    assert eventually(agrees)


def test_what_agents_said_of_their_calls_is_what_they_said(platform: Platform, truth: dict[str, list[Call]]) -> None:
    def known() -> Counter[str]:
        listed = platform.get("calls", "/v1/calls", limit=500, **WEEK)["items"]
        return Counter(tag for call in listed if call["provider"] in AIRCALL for tag in call["tags"])

    said = Counter(tag for call in truth["aircall"] for tag in call["tags"])
    assert said
    assert eventually(lambda: known() == said)
