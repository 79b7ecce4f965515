"""What fixtures do not tell: each story is one call, in whatever order and however often its deliveries come."""

import itertools
import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from services.calls.tests.stories import fold_all, kept
from services.calls.tests.tales import Story, stories
from services.calls.tests.told import BEGAN

from calls.domain.call import Call
from calls.domain.delivery import interpreted, repeat_key
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import providers

ORDERS, SHORT = 6, 3
STORIES = stories()


def said(story: Story, request: HookRequest, number: int) -> Sequence[Fact]:
    adapter = providers()[story.provider]
    says = interpreted(adapter, kept(request, number, repeat_key(adapter, request)), story.settings)
    assert says.reason is None, says.reason
    return says.facts


def one_call(story: Story, said_so: Sequence[Sequence[Fact]]) -> Call:
    """What turned out to be a part of another is not counted."""
    folded = fold_all(list(itertools.chain(*said_so)), story.provider).values()
    (call,) = [each for each in folded if each.segments or each.direction or each.agent or len(folded) == 1]
    return call


def shown(call: Call, name: str) -> Any:
    value = getattr(call, name)
    if isinstance(value, datetime):
        return round((value - BEGAN).total_seconds(), 3)
    return round(value, 3) if isinstance(value, float) else list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_it_becomes_the_call_that_was(story: Story) -> None:
    call = one_call(story, [said(story, each, number) for number, each in enumerate(story.told)])
    assert {name: shown(call, name) for name in story.becomes} == story.becomes
    if story.way is not None:
        assert [(each.queue, each.agent, each.answered_at is not None) for each in call.segments] == story.way


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_in_any_order_and_doubled_it_is_the_same_call(story: Story) -> None:
    told = [said(story, each, number) for number, each in enumerate(story.told)]
    straight, chance = one_call(story, told), random.Random(story.title)
    every = (
        itertools.permutations(told) if len(told) <= SHORT else (chance.sample(told, len(told)) for _ in range(ORDERS))
    )
    for order in every:
        assert one_call(story, [*order, *chance.sample(order, len(order))]) == straight
