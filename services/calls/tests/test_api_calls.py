"""The API around calls: connections, lists and filters, agents' notes, numbers, records."""

from typing import Any

from services.calls.tests.running import Running
from services.calls.tests.stories import EXPECTED, TOKEN, bodies
from sqlalchemy import func, select

from calls.consumers.records import note_record_of_call
from shared.contracts.records import ActivityLogged
from shared.database.tables import outbox

MOMENT = "2025-11-18T10:00:00Z"
WORKS = {"provider": "aircall", "name": "x", "secrets": {"token": "t"}}
NO_SENSE = [{"csat": 0}, {"csat": 6}, {"csat": 4.5}, {"csat": "5"}, {"agent": "me"}, {"resolved": "?"}]
CANNOT_WORK = [
    ({"provider": "pigeon", "name": "x"}, "/provider"),
    ({"provider": "aircall", "name": "x"}, "/secrets/token"),
    (WORKS | {"secrets": {"token": ""}}, "/secrets/token"),
    (WORKS | {"secrets": {"token": []}}, "/secrets/token"),
    (WORKS | {"name": ""}, "/name"),
    (WORKS | {"settings": {"timezone": "Mars"}}, "/settings/timezone"),
    (WORKS | {"settings": {"sources": {"7": "radio"}}}, "/settings/sources"),
    (WORKS | {"colour": "red"}, "/colour"),
]
ANSWERED = EXPECTED["inbound_answered"]["provider_call_id"]


async def test_secrets_go_in_and_never_come_out(service: Running) -> None:
    await service.connect()
    one = await service.get(f"/v1/connections/{service.connection}")
    listed = (await service.get("/v1/connections"))["items"]
    assert listed == [one]
    assert one["secrets"] == ["token"]
    assert TOKEN not in str(one)
    assert one["hook_path"] == f"/hooks/aircall/{one['token']}"


async def test_a_connection_that_cannot_work_is_refused(service: Running) -> None:
    for body, pointer in CANNOT_WORK:
        answer = await service.client.post("/v1/connections", json=body)
        assert answer.status_code == 422
        assert any(each["pointer"].startswith(pointer) for each in answer.json()["errors"])


async def test_calls_are_found_by_what_is_asked(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies())
    asked: list[tuple[dict[str, str], list[str]]] = [
        ({}, ["transfer", "outbound_answered", "inbound_missed", "inbound_answered"]),
        ({"direction": "outbound"}, ["outbound_answered"]),
        ({"outcome": "abandoned"}, ["inbound_missed"]),
        ({"agent": "mira.okafor@example.com"}, ["inbound_answered"]),
        ({"queue": "Sales"}, ["inbound_missed", "inbound_answered"]),
        ({"number": "+12025550178"}, ["outbound_answered"]),
        ({"number": "1 (202) 555-0178"}, ["outbound_answered"]),
        ({"from": "2025-11-18T10:00:00Z", "to": "2025-11-18T11:20:00Z"}, ["outbound_answered"]),
        ({"from": "2025-11-18T12:20:00+01:00"}, ["transfer"]),
        ({"provider_call_id": ANSWERED}, ["inbound_answered"]),
        ({"connection": service.connection, "agent": "nobody\x00"}, []),
    ]
    names = {each["provider_call_id"]: name for name, each in EXPECTED.items()}
    for parameters, expected in asked:
        found = (await service.get("/v1/calls", **parameters))["items"]
        assert [names[each["provider_call_id"]] for each in found] == expected


async def test_lists_come_in_pages(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies())
    for path, everything in (("/v1/calls", 4), ("/v1/deliveries", 29), ("/v1/agents", 2), ("/v1/connections", 1)):
        found, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            page = await service.get(path, limit=2, **({"cursor": cursor} if cursor else {}))
            found += [each["id"] for each in page["items"]]
            cursor, pages = page["next_cursor"], pages + 1
        assert len(found) == len(set(found)) == everything
    for path in ("/v1/calls", "/v1/deliveries", "/v1/agents", "/v1/connections"):
        for cursor in ("nonsense", "WyJ4IiwgInkiXQ", "WzFd"):
            assert (await service.client.get(path, params={"cursor": cursor})).status_code == 422, path


async def test_agents_add_what_only_they_know(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies("inbound_answered"))
    before = await service.call(ANSWERED)
    path = f"/v1/calls/{before['id']}"
    notes = {"disposition": "Qualified lead", "csat": 5, "resolved": True, "note": None}
    answer = await service.client.patch(path, json=notes, headers={"if-match": f'"{before["version"]}"'})
    assert answer.status_code == 200
    after = answer.json()
    assert after == before | notes | {"version": before["version"] + 1}
    assert answer.headers["etag"] == f'"{after["version"]}"'
    told = (await service.events("calls.call.updated.v1"))[-1]
    assert told["data"]["call"]["disposition"] == "Qualified lead"
    assert told["actor"].startswith("key:")
    stale = await service.client.patch(path, json={"csat": 1}, headers={"if-match": f'"{before["version"]}"'})
    assert stale.status_code == 412
    same = await service.client.patch(path, json=notes)
    assert same.json()["version"] == after["version"]
    cleared = await service.client.patch(path, json={"csat": None})
    assert (cleared.json()["csat"], cleared.json()["resolved"]) == (None, True)


async def test_notes_outlive_what_the_provider_says_again(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies("inbound_answered")[:6])
    call = await service.call(ANSWERED)
    await service.client.patch(f"/v1/calls/{call['id']}", json={"topic": "price", "converted": True})
    await service.deliver(bodies("inbound_answered"))
    after = await service.call(ANSWERED)
    assert (after["topic"], after["converted"], after["status"]) == ("price", True, "ended")


async def test_notes_that_make_no_sense_are_refused(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies("inbound_missed")[:1])
    call = await service.call(EXPECTED["inbound_missed"]["provider_call_id"])
    for notes in NO_SENSE:
        assert (await service.client.patch(f"/v1/calls/{call['id']}", json=notes)).status_code == 422, notes


async def test_a_number_stands_for_a_source_from_now_on(service: Running) -> None:
    await service.connect()
    answer = await service.client.put("/v1/numbers", json=[{"number": "+1 202-555-0101", "source": "radio"}])
    assert answer.status_code == 200
    assert (await service.get("/v1/numbers"))["items"] == [{"number": "+12025550101", "source": "radio"}]
    await service.deliver(bodies("inbound_missed"))
    assert (await service.call(EXPECTED["inbound_missed"]["provider_call_id"]))["source"] == "radio"


async def test_an_agent_is_tied_to_a_user_and_stays_so(service: Running) -> None:
    await service.connect()
    tied = [{"connection": service.connection, "provider_agent": "530001", "user": "u-1"}]
    assert (await service.client.put("/v1/agents", json=tied)).status_code == 200
    await service.deliver(bodies("inbound_answered"))
    agents = {each["provider_agent"]: each for each in (await service.get("/v1/agents"))["items"]}
    assert (agents["530001"]["user"], agents["530001"]["name"]) == ("u-1", "Mira Okafor")


async def test_a_call_shows_the_records_it_was_logged_on(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies("inbound_missed"))
    call = await service.call(EXPECTED["inbound_missed"]["provider_call_id"])
    assert call.pop("records") == []
    record: dict[str, Any] = dict.fromkeys(("created_at", "updated_at", "entered_list_at", "last_activity_at"), MOMENT)
    record |= {"id": "r-1", "project": "p-1", "project_key": "customers", "title": "Hofstra", "version": 1}
    record |= {"list": "all", "list_category": "neutral"}
    activity = {"id": "a-1", "type": "call", "at": MOMENT, "call": call}
    logged = ActivityLogged.model_validate({"activity": activity, "record": record})
    before = await service.one(select(func.count()).select_from(outbox))
    for _ in range(2):
        async with service.database.transaction() as transaction:
            await note_record_of_call(logged, transaction)
    assert await service.call(call["provider_call_id"]) == call | {"records": [logged.record.id]}
    assert await service.one(select(func.count()).select_from(outbox)) == before


async def test_strangers_and_readers_may_not_do_everything(service: Running) -> None:
    service.client.headers.pop("authorization")
    for path in ("/v1/calls", "/v1/deliveries", "/v1/connections", "/v1/agents", "/v1/numbers"):
        assert (await service.client.get(path)).status_code == 401
    assert (await service.client.post("/v1/deliveries/replay", json={"state": "quarantined"})).status_code == 401


async def test_what_is_not_there_is_not_found(service: Running) -> None:
    for unknown in ("nonsense", "019a96f0-1a00-7b3c-9d00-0000000000c1", "%00"):
        for path in (f"/v1/calls/{unknown}", f"/v1/deliveries/{unknown}", f"/v1/connections/{unknown}"):
            assert (await service.client.get(path)).status_code == 404, path
        assert (await service.client.patch(f"/v1/calls/{unknown}", json={"csat": 1})).status_code == 404
        assert (await service.client.patch(f"/v1/connections/{unknown}", json={"name": "x"})).status_code == 404
    assert (await service.client.post("/v1/deliveries/replay", json={})).status_code == 422
