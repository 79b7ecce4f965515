"""Where calls come from: numbers and campaigns as they stood when the call began; what was spent is told."""

from datetime import UTC, datetime, timedelta

import pytest
from services.calls.tests.running import Running
from services.calls.tests.stories import EXPECTED, bodies

from calls.domain.marketing import Campaign, Marketing

NOON = datetime(2025, 11, 18, 12, tzinfo=UTC)
NUMBER, OTHER = "+12025550101", "+12025550102"
DAY = timedelta(days=1)
MISSED = EXPECTED["inbound_missed"]["provider_call_id"]


@pytest.mark.parametrize(
    ("days", "source"), [(-9, "radio"), (0, "radio"), (1, "radio"), (2, "flyer"), (3, "flyer"), (4, None), (9, None)]
)
def test_a_call_keeps_what_its_number_stood_for_when_it_began(days: int, source: str | None) -> None:
    stood = [(NOON + 4 * DAY, None), (NOON, "radio"), (NOON + 2 * DAY, "flyer")]
    assert Marketing(numbers={NUMBER: stood}).source(NUMBER, NOON + days * DAY) == source


def test_the_connections_own_sources_go_first_and_a_campaigns_last() -> None:
    campaign = Campaign("spring", "brochure", (NUMBER, OTHER))
    known = Marketing({OTHER: "shop"}, {NUMBER: [(NOON, "radio")], OTHER: [(NOON, "radio")]}, [campaign])
    assert (known.source(NUMBER, NOON), known.source(OTHER, NOON)) == ("radio", "shop")
    assert Marketing(campaigns=[campaign]).source(NUMBER, NOON) == "brochure"


def test_of_two_campaigns_of_a_number_the_one_that_began_last_has_the_call() -> None:
    always = Campaign("always", None, (NUMBER,))
    autumn = Campaign("autumn", None, (NUMBER,), NOON, NOON + 2 * DAY)
    late = Campaign("late", None, (NUMBER,), NOON + DAY)
    known = Marketing(campaigns=[autumn, late, always])
    found = [known.campaign(NUMBER, NOON + days * DAY) for days in (-1, 0, 1, 2)]
    assert [each and each.key for each in found] == ["always", "autumn", "late", "late"]
    assert known.campaign(OTHER, NOON) is None


async def test_a_campaign_has_the_calls_to_its_numbers_on_its_days(service: Running) -> None:
    """Days are those of Amsterdam: the call of 10:20 UTC began on its last one."""
    campaign = {"key": "autumn", "name": "Autumn", "source": "brochure", "numbers": [NUMBER]}
    period = {"from": "2025-11-01", "to": "2025-11-18"}
    answer = await service.client.put("/v1/campaigns", json=[campaign | period])
    assert answer.status_code == 200
    assert (await service.get("/v1/campaigns"))["items"] == [campaign | period]
    await service.connect()
    await service.deliver(bodies("inbound_missed"))
    call = await service.call(MISSED)
    assert (call["to_number"], call["campaign"], call["source"]) == (NUMBER, "autumn", "brochure")
    await service.client.put("/v1/campaigns", json=[campaign | {"to": "2025-11-17"}])
    await service.client.patch(f"/v1/calls/{call['id']}", json={"topic": "price"})
    assert (await service.call(MISSED))["campaign"] is None


async def test_campaigns_that_make_no_sense_are_refused(service: Running) -> None:
    good = {"key": "a", "name": "A", "numbers": [NUMBER]}
    wrong = [
        ([good, good], "/1/key"),
        ([good | {"numbers": ["7"]}], "/0/numbers"),
        ([good | {"numbers": []}], "/0/numbers"),
        ([good | {"from": "2025-02-01", "to": "2025-01-01"}], "/0"),
        ([good | {"key": "A b"}], "/0/key"),
    ]
    for body, pointer in wrong:
        answer = await service.client.put("/v1/campaigns", json=body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["pointer"].startswith(pointer), answer.text


async def test_what_was_spent_is_told_with_a_version_that_rises(service: Running) -> None:
    spent = {"from": "2025-11-01", "to": "2025-11-30", "source": "radio", "amount": "100.00", "currency": "EUR"}
    for amount in ("100.00", "120.50"):
        answer = await service.client.put("/v1/spend", json=[spent | {"amount": amount}])
        assert answer.status_code == 200
    told = [each["data"] for each in await service.events("calls.spend.changed.v1")]
    assert [(each["amount"], each["version"]) for each in told] == [("100.00", 1), ("120.50", 2)]
    (one,) = (await service.get("/v1/spend"))["items"]
    assert (one["amount"], one["campaign"]) == ("120.5000", "")


async def test_what_is_expected_of_queues_is_told_when_it_changes(service: Running) -> None:
    for asked in ([{"name": "Sales", "threshold_s": 30}], [{"name": "Sales", "threshold_s": 30}], []):
        answer = await service.client.put("/v1/queues", json=asked)
        assert answer.status_code == 200, answer.text
    told = [each["data"] for each in await service.events("calls.queue.changed.v1")]
    assert [(each["threshold_s"], each["deleted"], each["version"]) for each in told] == [(30, False, 1), (30, True, 2)]
    twice = await service.client.put("/v1/queues", json=[{"name": "Sales"}, {"name": "Sales"}])
    assert twice.status_code == 422
