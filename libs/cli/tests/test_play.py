"""Playing as a provider does: again until acknowledged, never after a refusal."""

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from trunkline.failures import Refused
from trunkline.main import app
from trunkline.simulator import play
from trunkline.simulator.dialects import Webhook, dialects
from trunkline.simulator.disorder import Disorder, delivered
from trunkline.simulator.play import Hook, Target, play_history, play_live
from trunkline.simulator.telling import Play, live_webhooks

START = datetime(2026, 3, 20, 9, tzinfo=UTC)


class Receiver:
    """A hook that answers as it is told, then 200."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.heard: list[bytes] = []

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.heard.append(body)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def hook(self) -> Hook:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self), base_url="http://calls")
        aircall = dialects()["aircall"]
        return Hook(client, Target("/hook", aircall, aircall.secrets("secret")))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "BACK_OFF", (0.001,) * 4)


def webhooks(count: int) -> list[Webhook]:
    return [Webhook(START + timedelta(seconds=number), b"%d" % number) for number in range(count)]


async def test_each_is_sent_until_it_is_acknowledged_once() -> None:
    receiver, told = Receiver(503, 500, 429, 503), list[int]()
    assert await play_history(receiver.hook(), webhooks(100), told.append) == 100
    assert sorted(map(int, receiver.heard)) == list(range(100))
    assert told == list(range(1, 101))


async def test_disorder_loses_nothing_and_doubles_delays_and_swaps_some() -> None:
    plain = webhooks(1000)
    untidy = delivered([plain], Disorder(doubles=10, late=10, swapped=10), lambda each: each, seed=1)
    assert {each.body for each in untidy} == {each.body for each in plain}
    assert 1050 < len(untidy) < 1150
    assert untidy == sorted(untidy, key=lambda each: each.at)
    late = [each for each in untidy if each.at - START > timedelta(seconds=1090 + 300)]
    assert 50 < len(late) < 150


async def test_a_refusal_ends_the_play() -> None:
    with pytest.raises(Refused, match="401"):
        await play_history(Receiver(401).hook(), webhooks(3), lambda _sent: None)


async def test_nobody_waits_for_ever() -> None:
    with pytest.raises(Refused, match="503"):
        await play_history(Receiver(*[503] * 100).hook(), webhooks(1), lambda _sent: None)


async def test_live_webhooks_wait_for_their_moment() -> None:
    now, receiver = datetime.now(UTC), Receiver()
    soon = [Webhook(now + timedelta(milliseconds=60 * number), b"%d" % number) for number in range(4)]
    await play_live(receiver.hook(), soon, lambda _sent: None)
    assert receiver.heard == [b"0", b"1", b"2", b"3"]
    assert datetime.now(UTC) - now >= timedelta(milliseconds=180)


def test_several_providers_tell_live_calls_each_in_its_own_words() -> None:
    spoken = [dialects()[provider] for provider in ("aircall", "ringover", "generic")]
    targets = [Target("/hook", dialect, dialect.secrets("secret")) for dialect in spoken]
    streams = [live_webhooks(target, Play(), START, random.Random(1)) for target in targets]
    aircall, ringover, generic = [[json.loads(each.body) for each in islice(stream, 40)] for stream in streams]
    assert {body.get("token") for body in aircall} == {"secret"}
    assert not any("token" in body for body in ringover)
    assert {body["type"].partition(".")[0] for body in generic} == {"agent", "call"}


@pytest.mark.parametrize(
    "words",
    [
        ["--hook", "http://127.0.0.1:1/x"],
        ["--provider", "pigeon"],
        ["--days", "-1"],
        ["--agents", "2"],
        ["--late", "101"],
    ],
)
def test_a_wrong_command_line_is_told(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["simulate", *words]).exit_code == 2
