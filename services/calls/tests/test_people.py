"""What people tell beside the calls: dispositions that mean something, spend, callers' scores, who the agents are."""

from datetime import datetime, timedelta
from typing import Any

from services.calls.tests.running import Running
from services.calls.tests.stories import EXPECTED, bodies

from calls.consumers.records import know_agents
from shared.contracts.records import UserChanged

ANSWERED = EXPECTED["inbound_answered"]["provider_call_id"]
SPRING = {"from": "2025-11-01", "to": "2025-11-30", "source": "ads", "campaign": "spring", "currency": "EUR"}


async def answered(service: Running) -> dict[str, Any]:
    await service.connect()
    await service.deliver(bodies("inbound_answered"))
    return await service.call(ANSWERED)


async def test_a_disposition_means_what_was_configured_unless_the_call_says_otherwise(service: Running) -> None:
    call = await answered(service)
    known = [{"name": "Sold", "converted": True, "follow_up": False}, {"name": "Call back", "follow_up": True}]
    assert (await service.client.put("/v1/dispositions", json=known)).status_code == 200
    assert [each["name"] for each in (await service.get("/v1/dispositions"))["items"]] == ["Sold", "Call back"]
    path = f"/v1/calls/{call['id']}"
    refused = await service.client.patch(path, json={"disposition": "Perhaps"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/disposition")
    sold = (await service.client.patch(path, json={"disposition": "Sold"})).json()
    assert (sold["converted"], sold["follow_up"], sold["appointment"]) == (True, False, None)
    but = (await service.client.patch(path, json={"converted": False})).json()
    assert (but["converted"], but["follow_up"]) == (False, False)
    twice = await service.client.put("/v1/dispositions", json=[known[0], known[0]])
    assert twice.json()["errors"][0]["pointer"] == "/1/name"


async def test_spend_is_kept_by_period_source_and_campaign(service: Running) -> None:
    for amount in ("1200.50", "1300.75"):
        asked = [SPRING | {"amount": amount}, SPRING | {"campaign": "", "amount": "10", "from": "2025-10-01"}]
        assert (await service.client.put("/v1/spend", json=asked)).status_code == 200
    listed = (await service.get("/v1/spend", **{"from": "2025-11-05", "source": "ads"}))["items"]
    assert [(each["campaign"], float(each["amount"])) for each in listed] == [("", 10), ("spring", 1300.75)]
    assert (await service.get("/v1/spend", to="2025-09-30"))["items"] == []
    for wrong in ({"amount": "-1"}, {"amount": "1", "to": "2025-10-01"}, {"amount": "1", "currency": "euro"}):
        assert (await service.client.put("/v1/spend", json=[SPRING | wrong])).status_code == 422


async def test_a_caller_says_once_how_the_call_was(clocked: Running) -> None:
    begun = datetime.fromisoformat("2025-11-18T12:00:00Z")
    await clocked.set_clock(begun)
    call = await answered(clocked)
    links = [(await clocked.client.post(f"/v1/calls/{call['id']}/survey")).json()["path"] for _ in range(2)]
    anybody = {"authorization": ""}
    page = await clocked.client.get(links[0], headers=anybody)
    assert (page.status_code, page.text.count("<input"), "script" in page.text) == (200, 5, False)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await clocked.client.post(links[0], data={"score": "6"}, headers=anybody)).status_code == 422
    assert "Thank you" in (await clocked.client.post(links[0], data={"score": "4"}, headers=anybody)).text
    assert (await clocked.client.post(links[0], data={"score": "1"}, headers=anybody)).status_code == 410
    assert (await clocked.call(ANSWERED))["csat"] == 4
    await clocked.set_clock(begun + timedelta(hours=73))
    assert (await clocked.client.post(links[1], data={"score": "1"}, headers=anybody)).status_code == 410
    assert (await clocked.client.get("/survey/guessed", headers=anybody)).status_code == 404


async def test_an_agent_is_the_user_with_the_same_address(service: Running) -> None:
    await answered(service)
    user = UserChanged(id="u1", name="Mira", email="Mira.Okafor@example.com", version=1)
    async with service.database.transaction() as transaction:
        await know_agents(user, transaction)
    agents = {each["email"]: each["user"] for each in (await service.get("/v1/agents"))["items"]}
    assert agents["mira.okafor@example.com"] == "u1"
    told = [each["data"] for each in await service.events("calls.agent.changed.v1")]
    assert [each["user"] for each in told if each["email"] == "mira.okafor@example.com"] == [None, "u1"]


async def test_a_stranger_at_a_survey_may_not_say_much(service: Running) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await service.client.post("/survey/guessed", content=b"score=1&" + b"a&" * 100_000, headers=form)
    assert answer.status_code == 413
