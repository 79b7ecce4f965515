"""Configuration as code: what is read can be applied and changes nothing; secrets are never in it."""

from typing import Any

from services.calls.tests.running import Running
from services.calls.tests.stories import TOKEN

PATH = "/v1/configuration/part"
PART: dict[str, Any] = {
    "queues": [{"key": "Sales", "threshold_s": 30.0}],
    "numbers": [{"key": "+12025550101", "source": "radio"}],
    "campaigns": [{"key": "spring", "name": "Spring", "numbers": ["+12025550102"], "from": "2026-03-01"}],
    "dispositions": [{"key": "Sold", "converted": True}, {"key": "Call back", "follow_up": True}],
    "connections": [{"key": "aircall/Sales", "settings": {"timezone": "Europe/Amsterdam"}}],
}


async def apply(service: Running, **asked: Any) -> dict[str, list[Any]]:
    answer = await service.client.post(PATH, json=asked)
    assert answer.is_success, answer.text
    told = answer.json()
    return {
        name: [each["key"] if name != "skipped" else each["pointer"] for each in told[name]]
        for name in told
        if told[name]
    }


async def test_what_was_applied_is_read_and_applying_that_changes_nothing(service: Running) -> None:
    await service.connect()
    keys = ["+12025550101", "spring", "Sold", "Call back", "Sales"]
    first = await apply(service, **PART)
    assert (sorted(first["created"]), first["changed"]) == (sorted(keys), ["aircall/Sales"])
    held = await service.get(PATH)
    assert held == PART
    assert TOKEN not in str(held)
    again = await apply(service, **held)
    assert sorted(again.pop("unchanged")) == sorted([*keys, "aircall/Sales"])
    assert again == {}
    assert [each["name"] for each in (await service.get("/v1/dispositions"))["items"]] == ["Sold", "Call back"]


async def test_a_rehearsal_tells_and_changes_nothing(service: Running) -> None:
    await apply(service, numbers=PART["numbers"], campaigns=PART["campaigns"])
    wanted = {"numbers": [{"key": "+12025550109", "source": "shop"}], "campaigns": []}
    told = await apply(service, **wanted, destroy=True, dry_run=True)
    assert told["created"] == ["+12025550109"]
    assert sorted(told["destroyed"]) == ["+12025550101", "spring"]
    assert (await service.get(PATH))["numbers"] == PART["numbers"]
    assert await apply(service, **wanted, destroy=True) == told
    held = await service.get(PATH)
    assert (held["numbers"], held["campaigns"]) == (wanted["numbers"], [])


async def test_what_cannot_be_is_skipped_and_what_is_not_named_is_left_alone(service: Running) -> None:
    await service.connect()
    wrong = {
        "numbers": [{"key": "7", "source": "x"}],
        "connections": [{"key": "aircall/Support"}, {"key": "aircall/Sales", "secrets": {"token": "t"}}],
        "campaigns": [{"key": "x", "name": "X"}],
    }
    told = await apply(service, **wrong, destroy=True)
    assert told == {"skipped": ["/campaigns/0", "/connections/0", "/connections/1", "/numbers/0"]}
    assert len((await service.get("/v1/connections"))["items"]) == 1
