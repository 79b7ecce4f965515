"""Calls that are no customer's."""

import json
from typing import Any

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import bodies, fold_all, sent, understood

from calls.domain.fact import Fact
from calls.domain.flags import flagged_numbers, flags

SETTINGS = {"own_numbers": ["+12025550102"], "test_numbers": ["+12025550199"], "spam_numbers": ["+12025550147"]}


def said(**values: Any) -> Fact:
    (call,) = {fact.subject for fact in understood("aircall", sent("aircall", "transfer"))}
    return Fact(call, "noted", sent("aircall")[0].received_at, values)


@pytest.mark.parametrize(
    ("values", "number", "expected"),
    [
        ({}, "+12025550163", ()),
        ({}, None, ()),
        ({}, "+12025550102", ("own_number",)),
        ({}, "+12025550199", ("test",)),
        ({"internal": True}, "+12025550147", ("internal", "spam")),
        ({"tags": ["Spam", "sales"]}, None, ("spam",)),
        ({"disposition": "test"}, None, ("test",)),
        ({"disposition": "tested"}, None, ()),
    ],
)
def test_a_call_is_flagged_by_who_it_is_with_and_what_is_said_of_it(
    values: dict[str, Any], number: str | None, expected: tuple[str, ...]
) -> None:
    assert flags([said(**values)], number, flagged_numbers(SETTINGS)) == expected


def test_a_tag_that_is_taken_back_flags_no_more() -> None:
    facts = understood("aircall", sent("aircall", "transfer"))
    after = max(fact.at for fact in facts)
    tagged = [*facts, Fact(facts[0].subject, "noted", after, {"tags": ["spam"]}, key="z1")]
    assert [call.flags for call in fold_all(tagged).values()] == [("spam",)]
    untagged = [*tagged, Fact(facts[0].subject, "noted", after, {"tags": []}, key="z2")]
    assert [call.flags for call in fold_all(untagged).values()] == [()]


async def test_the_connections_numbers_flag_its_calls(service: Running) -> None:
    caller = json.loads(bodies("inbound_missed")[0])["data"]["raw_digits"]
    await service.connect(settings={"spam_numbers": [caller]})
    await service.deliver(bodies("inbound_missed"))
    (call,) = (await service.get("/v1/calls"))["items"]
    assert call["flags"] == ["spam"]
    assert {tuple(each["data"]["call"]["flags"]) for each in await service.events("calls.call.updated.v1")} == {
        ("spam",)
    }
