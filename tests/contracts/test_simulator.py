"""The simulator's office is plausible, and what it tells in a provider's words is understood as what happened."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean

import phonenumbers
import pytest

from calls.domain.call import Call, Identity
from calls.domain.delivery import admitted
from calls.domain.fact import Fact
from calls.domain.fold import course_of, fold
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.wrap_up import Mark, Talk, wrap_ups
from trunkline.simulator.dialects import Webhook, dialects
from trunkline.simulator.people import people, strangers
from trunkline.simulator.play import in_time
from trunkline.simulator.scenario import InventedCall, day, history, live

NOW = datetime(2026, 3, 20, 11, 30, tzinfo=UTC)
MONTH = list(history(1, 30, NOW))
TUESDAY = date(2026, 3, 17)
OUTCOMES = {
    "answered": "answered",
    "left_in_menu": "abandoned",
    "left_in_queue": "abandoned",
    "nobody_answered": "missed",
    "closed": "after_hours",
    "not_reached": "unanswered",
}


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


def understood(provider: str, told: list[Webhook]) -> dict[str, Call]:
    """The calls the adapter and the fold make of these webhooks."""
    adapter, dialect = providers()[provider], dialects()[provider]
    facts: list[Fact] = []
    for number, webhook in enumerate(told):
        request = HookRequest(webhook.body, webhook.at, {k.lower(): v for k, v in webhook.headers.items()})
        stored = admitted(adapter, request, {name: [value] for name, value in dialect.secrets("secret").items()})
        assert stored, "the simulator's signature is not accepted"
        facts += [replace(fact, key=f"{number}/{index}") for index, fact in enumerate(adapter.interpret(stored))]
    by_call = defaultdict(list)
    for fact in facts:
        if fact.scope == "call":
            by_call[fact.subject].append(fact)
    talks = [
        Talk(stay.ended_at, call, stay.agent_id)
        for call, said in by_call.items()
        for stay in course_of(said).stays
        if stay.answered_at and stay.ended_at
    ]
    joined = wrap_ups(talks, [Mark(f.at, f.kind == "wrap_up_ended", f.subject) for f in facts if f.scope == "agent"])
    seconds: dict[str, float] = defaultdict(float)
    for talk, each in joined.items():
        seconds[talk.call] += each
    return {
        call: fold(
            Identity(call, "c", provider, call, NOW),
            said,
            measures_hold=adapter.measures_hold,
            wrap_up_s=seconds.get(call),
        )
        for call, said in by_call.items()
    }


@pytest.mark.parametrize("provider", sorted(dialects()))
@pytest.mark.parametrize("essential", [True, False])
def test_what_is_told_is_understood_as_what_happened(provider: str, *, essential: bool) -> None:
    secrets = dialects()[provider].secrets("secret")
    told = [each for call in MONTH[-400:] for each in dialects()[provider].webhooks(call, secrets)]
    found = understood(provider, [each for each in told if each.essential or not essential])
    for call in MONTH[-400:]:
        one = found[str(call.id)]
        held = sum((until - at).total_seconds() for at, until in call.holds)
        assert (one.direction, one.external_number, one.outcome == OUTCOMES[call.ending] or one.voicemail) == (
            call.direction,
            call.number,
            True,
        )
        assert (one.started_at, one.answered_at, one.ended_at) == (call.started_at, call.answered_at, call.ended_at)
        assert one.tags == call.tags
        assert one.note == call.comment
        if call.answered_at:
            assert one.talk_s == (call.ended_at - call.answered_at).total_seconds() - held
            assert one.hold_s == held
            assert one.wrap_up_s == sum((each.until - each.at).total_seconds() for each in call.wrap_ups)
        if call.answered_at and call.menu_left_at:
            assert one.wait_s == (call.answered_at - call.menu_left_at).total_seconds()


def test_live_calls_come_in_time_without_end() -> None:
    dialect = dialects()["aircall"]
    calls = live(1, NOW, per_hour=600)
    stream = in_time(dialect.webhooks(call, dialect.secrets("x")) for call in calls)
    told = [next(stream) for _ in range(500)]
    assert told == sorted(told, key=lambda each: each.at)
    assert told[0].at - NOW < timedelta(minutes=5)
