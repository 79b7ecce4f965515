"""The simulator's office is plausible, and what it tells in a provider's words is understood as what happened."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean

import phonenumbers
import pytest
from services.calls.tests.stories import fold_all

from calls.domain.call import Call
from calls.domain.delivery import admitted
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from trunkline.simulator.dialects import Webhook, dialects
from trunkline.simulator.disorder import Disorder, delivered
from trunkline.simulator.people import people, strangers
from trunkline.simulator.play import in_time
from trunkline.simulator.scenario import Branch, InventedCall, day, history, live
from trunkline.simulator.truth import OUTCOMES, differences

NOW = datetime(2026, 3, 20, 11, 30, tzinfo=UTC)
MONTH = list(history(1, 30, NOW))
TUESDAY = date(2026, 3, 17)
HOOK = "https://hooks.example.com/hook"


def test_the_same_seed_tells_the_same_office() -> None:
    assert day(1, TUESDAY) == day(1, TUESDAY)
    assert day(1, TUESDAY) != day(2, TUESDAY)
    assert people(1) == people(1)
    assert list(history(1, 30, NOW + timedelta(days=1)))[-200:] != MONTH[-200:]
    assert {call.id for call in MONTH} & {call.id for call in history(1, 3, NOW)}


def test_numbers_belong_to_nobody_and_to_one_customer_each() -> None:
    fictional = ("+44207946", "+447700900", "+493023125", "+12025550")
    phones = [each.phone for each in people(1)]
    assert len(set(phones)) == len(phones)
    assert not set(phones) & set(strangers(1))
    for phone in [*phones, *strangers(1), *(call.line.digits for call in MONTH)]:
        assert phone.startswith(fictional)
        assert phonenumbers.is_possible_number(phonenumbers.parse(phone))


def test_a_month_is_that_of_a_small_office() -> None:
    assert 1_000 < len(MONTH) < 1_600
    inbound = [call for call in MONTH if call.direction == "inbound" and call.team]
    answered = [call for call in inbound if call.answered_at]
    waits = [(call.answered_at - call.menu_left_at).total_seconds() for call in answered]  # type: ignore[operator]
    assert 0.8 < len(answered) / len(inbound) < 0.97
    assert 8 < mean(waits) < 45
    assert 0.6 < sum(wait <= 20 for wait in waits) / len(inbound) < 0.9
    endings = Counter(call.ending for call in MONTH)
    assert set(endings) == set(OUTCOMES)
    dialled = [call for call in MONTH if call.direction == "outbound"]
    assert 0.25 < sum(call.answered_at is not None for call in dialled) / len(dialled) < 0.5
    assert any(call.handed_over for call in MONTH)
    assert any(call.holds for call in MONTH)


def test_nobody_has_two_calls_at_once() -> None:
    busy = defaultdict(list)
    for call in MONTH:
        for agent, start, end in _talks(call):
            busy[agent].append((start, end))
    for agent, times in busy.items():
        for (_, end), (start, _) in pairwise(sorted(times)):
            assert end <= start, agent


def _talks(call: InventedCall) -> list[tuple[int, datetime, datetime]]:
    if not call.answered_at or not call.agent:
        return []
    if call.handed_over:
        at, second = call.handed_over
        return [(call.agent.id, call.answered_at, at), (second.id, at, call.ended_at)]
    return [(call.agent.id, call.answered_at, call.ended_at)]


def understood(provider: str, told: list[Webhook]) -> list[Call]:
    """The calls that the adapter and the fold make of these webhooks, each received when it was due."""
    adapter, secrets = providers()[provider], dialects()[provider].secrets("secret")
    facts: dict[str, Fact] = {}
    for number, webhook in enumerate(told):
        stored = admitted(adapter, signed(provider, webhook), {name: [value] for name, value in secrets.items()})
        assert stored, f"the simulator's signature is not accepted: {webhook.body[:200]!r}"
        stem = adapter.deduplication_key(stored) or number
        said = enumerate(adapter.interpret(replace(stored, settings=dialects()[provider].settings)))
        facts = {f"{stem}/{index}": replace(fact, key=f"{stem}/{index}") for index, fact in said} | facts
    return list(fold_all(list(facts.values()), provider).values())


def signed(provider: str, webhook: Webhook) -> HookRequest:
    dialect = dialects()[provider]
    url = HOOK + webhook.path
    proof = dialect.sign(webhook, url, dialect.secrets("secret"), webhook.at)
    headers = {name.lower(): value for name, value in (dict(webhook.headers) | dict(proof)).items()}
    return HookRequest(webhook.body, webhook.at, headers, url, webhook.path)


@pytest.mark.parametrize("provider", sorted(dialects()))
@pytest.mark.parametrize("essential", [True, False])
def test_what_is_told_is_understood_as_what_happened(provider: str, *, essential: bool) -> None:
    dialect, calls = dialects()[provider], MONTH[-300:]
    told = [each for call in calls for each in dialect.webhooks(call, dialect.secrets("secret"))]
    told = sorted((each for each in told if each.essential or not essential), key=lambda each: each.at)
    assert differences(understood(provider, told), [dialect.tells(call) for call in calls]) == []


@pytest.mark.parametrize("provider", sorted(dialects()))
def test_disorder_changes_nothing_of_what_is_understood(provider: str) -> None:
    dialect, calls = dialects()[provider], MONTH[-300:]
    told = [dialect.webhooks(call, dialect.secrets("secret")) for call in calls]
    untidy = delivered(told, Disorder(doubles=5, late=5, swapped=5), dialect.again, seed=1)
    assert len(untidy) > sum(map(len, told))
    assert differences(understood(provider, untidy), [dialect.tells(call) for call in calls]) == []


def test_live_calls_come_in_time_without_end() -> None:
    dialect = dialects()["aircall"]
    calls = live(1, NOW, Branch(per_hour=600))
    stream = in_time(dialect.webhooks(call, dialect.secrets("x")) for call in calls)
    told = [next(stream) for _ in range(500)]
    assert told == sorted(told, key=lambda each: each.at)
    assert told[0].at - NOW < timedelta(minutes=5)
