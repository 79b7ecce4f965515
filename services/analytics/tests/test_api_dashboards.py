"""Dashboards over HTTP: their life, who may see them, their links, and the mistakes of their charts."""

from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest_asyncio
from services.analytics.tests.deals import deals, project
from services.analytics.tests.running import Running

from analytics.domain.facts import facts
from analytics.storage import projects, users
from analytics.storage.tables import dashboard_share
from shared.contracts.records import RecordCreated, RoleChanged, UserChanged
from shared.database.tables import api_key
from shared.http.keys import key_hash, key_id, new_key
from shared.policy.storage import replicate_role, replicate_user

WON = {
    "key": "won",
    "type": "stat",
    "source": "opportunities",
    "filter": {"list": ["closed_won"]},
    "measure": {"fn": "sum", "field": "amount"},
}
STAGES = {"key": "stages", "type": "pie", "source": "opportunities", "group_by": "list", "measure": {"fn": "count"}}
TEAM = {"grants": [{"team": "sales", "role": "view"}, {"user": "eva", "role": "edit"}]}
BOARD = {"key": "pipeline", "title": {"en": "Pipeline", "nl": "Pijplijn"}, "charts": [WON, STAGES], "sharing": TEAM}


@dataclass
class Boards:
    service: Running

    async def ask(self, method: str, path: str, status: int = 200, key: str | None = "", **rest: Any) -> Any:
        """With the administrator's key, another, or (None) without."""
        headers = dict(rest.pop("headers", {}))
        if key != "":
            headers["authorization"] = f"Bearer {key}" if key else ""
        answer = await self.service.client.request(method, path, headers=headers, **rest)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def places(self, method: str, path: str, body: Any) -> list[str]:
        return [each["pointer"] for each in (await self.ask(method, path, 422, json=body))["errors"]]

    async def key_of(self, user: str) -> str:
        key = new_key()
        row = {"id": key_id(key), "name": user, "hash": key_hash(key), "user": user, "scopes": ["read", "write"]}
        async with self.service.database.transaction() as transaction:
            await transaction.execute(api_key.insert().values(**row, version=1))
        return key


@pytest_asyncio.fixture
async def boards(service: Running) -> AsyncIterator[Boards]:
    """Nine deals, and three people: Ann of sales, Eva, and Tom."""
    async with service.database.transaction() as transaction:
        await projects.keep(transaction, project())
        for user, teams in (("ann", ["sales"]), ("eva", []), ("tom", ["finance"])):
            told = UserChanged(id=user, name=user.title(), email="", teams=teams, version=1)
            await users.keep(transaction, told)
            await replicate_user(told, transaction)
    rows = [row for each in deals() for row in facts(RecordCreated(record=each))]
    for table in ("record", "stage_entry"):
        await service.clickhouse.insert(table, [row.columns for row in rows if row.table == table])
    yield Boards(service)


async def test_a_dashboard_is_made_read_changed_and_deleted(boards: Boards) -> None:
    made = await boards.ask("POST", "/v1/dashboards", 201, json=BOARD)
    assert made["version"] == 1
    assert [(each["chart"], each["width"]) for each in made["layout"]["tiles"]] == [("won", 3), ("stages", 6)]
    data = (await boards.ask("GET", "/v1/dashboards/pipeline/data"))["charts"]
    assert data["won"] == {"value": "40000.00", "unit": "currency", "currency": "EUR", "unpriced": 0}
    assert [(each["label"], each["value"]) for each in data["stages"]["points"]][:2] == [
        ("unqualified", 1),
        ("proposal_sent", 3),
    ]
    changed = deepcopy(BOARD) | {
        "title": "Deals",
        "layout": {"tiles": [{"chart": "won", "x": 6, "y": 0, "width": 6, "height": 3}]},
    }
    await boards.ask("PUT", "/v1/dashboards/pipeline", 412, json=changed, headers={"if-match": '"7"'})
    put = await boards.ask("PUT", "/v1/dashboards/pipeline", json=changed, headers={"if-match": '"1"'})
    assert (put["version"], put["title"]) == (2, "Deals")
    again = await boards.ask("PUT", "/v1/dashboards/pipeline", json=changed)
    assert again == put
    await boards.ask("POST", "/v1/dashboards", 409, json=BOARD)
    await boards.ask("DELETE", "/v1/dashboards/pipeline", 204)
    await boards.ask("GET", "/v1/dashboards/pipeline", 404)


async def test_the_four_filters_narrow_every_chart(boards: Boards) -> None:
    await boards.ask("POST", "/v1/dashboards", 201, json=BOARD)

    async def won(**scope: str) -> Any:
        data = await boards.ask("GET", "/v1/dashboards/pipeline/data", params=scope)
        return data["charts"]["won"]["value"]

    assert await won(tag="SÉO") == "30000.00"
    assert await won(list="closed_lost") == "0.00"
    assert await won(project="opportunities") == "40000.00"
    assert await won(**{"from": "2024-02-10", "to": "2024-02-11"}) == "40000.00"
    assert await won(**{"from": "2024-02-11"}) == "0.00"
    problem = await boards.ask("GET", "/v1/dashboards/pipeline/data", 422, params={"project": "nowhere"})
    assert problem["errors"][0]["pointer"] == "/project"


async def test_grants_say_who_sees_and_who_changes(boards: Boards) -> None:
    await boards.ask("POST", "/v1/dashboards", 201, json=BOARD)
    ann, eva, tom = [await boards.key_of(each) for each in ("ann", "eva", "tom")]
    listed = [(await boards.ask("GET", "/v1/dashboards", key=each))["items"] for each in (ann, eva, tom)]
    assert [[each["role"] for each in items] for items in listed] == [["viewer"], ["editor"], []]
    await boards.ask("GET", "/v1/dashboards/pipeline/data", key=ann)
    await boards.ask("GET", "/v1/dashboards/pipeline/data", 404, key=tom)
    await boards.ask("PUT", "/v1/dashboards/pipeline", 403, key=ann, json=BOARD)
    await boards.ask("PUT", "/v1/dashboards/pipeline", key=eva, json=BOARD | {"title": "Mine"})
    await boards.ask("DELETE", "/v1/dashboards/pipeline", 403, key=eva)


async def test_a_viewer_learns_nothing_of_fields_they_may_not_see(boards: Boards) -> None:
    await boards.ask("POST", "/v1/dashboards", 201, json=BOARD)
    junior = {"id": "junior", "project": project().id, "key": "junior", "name": "Junior", "version": 1}
    role = RoleChanged(**junior, field_permissions={"amount": "none"}, users=["ann", "eva"])
    async with boards.service.database.transaction() as transaction:
        await replicate_role(role, transaction)
    shown = await boards.ask("GET", "/v1/dashboards/pipeline", key=await boards.key_of("ann"))
    won, stages = shown["charts"]
    assert "amount" not in str(shown)
    assert (won["key"], won["type"], won["measure"]) == ("won", "stat", {"fn": "count"})
    assert stages["measure"] == {"fn": "count"}
    whole = await boards.ask("GET", "/v1/dashboards/pipeline", key=await boards.key_of("eva"))
    assert whole["charts"][0]["measure"]["field"] == "amount"


async def test_a_link_opens_until_it_expires_or_is_revoked(boards: Boards) -> None:
    await boards.ask("POST", "/v1/dashboards", 201, json=BOARD)
    link = await boards.ask("POST", "/v1/dashboards/pipeline/share", 201)
    assert (await boards.ask("GET", link["url"], key=None))["role"] == "viewer"
    assert (await boards.ask("GET", f"{link['url']}/data", key=None))["charts"]["won"]["value"] == "40000.00"
    async with boards.service.database.transaction() as transaction:
        (row,) = (await transaction.execute(dashboard_share.select())).mappings()
    assert link["token"] not in str(dict(row))
    path = f"/v1/dashboards/pipeline/shares/{link['id']}"
    await boards.ask("DELETE", path, 204)
    await boards.ask("GET", link["url"], 404, key=None)
    late = await boards.ask("POST", "/v1/dashboards/pipeline/share", 201)
    async with boards.service.database.transaction() as transaction:
        past = transaction.now - timedelta(seconds=1)
        await transaction.execute(dashboard_share.update().values(expires_at=past))
    await boards.ask("GET", f"{late['url']}/data", 404, key=None)
    await boards.ask("GET", "/v1/shared/ts_guessed", 404, key=None)


async def test_a_link_has_no_more_rights_than_the_key_it_was_made_with(boards: Boards) -> None:
    await boards.ask("POST", "/v1/dashboards", 201, json=BOARD)
    eva = await boards.key_of("eva")
    link = await boards.ask("POST", "/v1/dashboards/pipeline/share", 201, key=eva)
    await boards.ask("GET", link["url"], key=None)
    async with boards.service.database.transaction() as transaction:
        revoked = api_key.update().where(api_key.c.user == "eva").values(revoked_at=transaction.now)
        await transaction.execute(revoked)
    await boards.ask("GET", link["url"], 404, key=None)


async def test_a_link_of_an_internal_dashboard_wants_a_key(boards: Boards) -> None:
    await boards.ask("POST", "/v1/dashboards", 201, json=BOARD | {"sharing": {"internal_only": True}})
    link = await boards.ask("POST", "/v1/dashboards/pipeline/share", 201)
    await boards.ask("GET", link["url"], 401, key=None)
    await boards.ask("GET", link["url"], key=await boards.key_of("tom"))


async def test_every_mistake_of_a_chart_is_named(boards: Boards) -> None:
    good = {key: value for key, value in STAGES.items() if key != "key"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"source": "nowhere"}, "/source"),
        ({"measure": {"fn": "sum", "field": "nothing"}}, "/measure/field"),
        ({"measure": {"fn": "sum", "field": "title"}}, "/measure/field"),
        ({"measure": {"fn": "sum", "expr": "{amount} *"}}, "/measure/expr"),
        ({"measure": {"fn": "median"}}, "/measure/fn"),
        ({"measure": {"fn": "sum"}}, "/measure"),
        ({"filter": {"nothing": 1}}, "/filter/nothing"),
        ({"group_by": "nothing"}, "/group_by"),
        ({"group_by": ["list", "amount"]}, "/group_by/1"),
        ({"bucket": "month", "date_basis": "amount"}, "/date_basis"),
        ({"bucket": "month", "date_basis": "entered:nowhere"}, "/date_basis"),
        ({"bucket": "fortnight"}, "/bucket"),
        ({"colour": "red"}, "/colour"),
    ]
    for change, place in wrong:
        assert await boards.places("POST", "/v1/charts/query", good | change) == [place], change
    values = {"type": "stat", "source": "opportunities", "values": {"w": {"fn": "count", "filter": {"nothing": 1}}}}
    assert await boards.places("POST", "/v1/charts/query", values | {"formula": "w"}) == ["/values/w/filter/nothing"]
    unknown = {"type": "stat", "source": "opportunities", "values": {"w": {"fn": "count"}}, "formula": "w / x"}
    assert await boards.places("POST", "/v1/charts/query", unknown) == ["/formula"]
    broken = BOARD | {"charts": [WON, good | {"key": "x", "group_by": "nothing"}]}
    assert await boards.places("POST", "/v1/dashboards", broken) == ["/charts/1/group_by"]
    astray = BOARD | {"layout": {"tiles": [{"chart": "won", "x": 8, "y": 0, "width": 6, "height": 2}]}}
    assert await boards.places("POST", "/v1/dashboards", astray) == ["/layout/tiles/0"]


async def test_a_chart_that_lost_its_field_says_so_and_the_others_go_on(boards: Boards) -> None:
    await boards.ask("POST", "/v1/dashboards", 201, json=BOARD)
    without = project(2).model_copy(update={"fields": []})
    async with boards.service.database.transaction() as transaction:
        await projects.keep(transaction, without)
    data = (await boards.ask("GET", "/v1/dashboards/pipeline/data"))["charts"]
    assert data["won"] == {"value": None, "reason": "There is no field 'amount' in project opportunities."}
    assert data["stages"]["points"]


async def test_a_part_of_the_configuration_is_applied_once(boards: Boards) -> None:
    unknown = {"key": "paid", "type": "stat", "source": "invoices", "measure": {"fn": "count"}}
    part = {"dashboards": [BOARD | {"charts": [unknown, WON]}, {"key": "?"}]}
    planned = await boards.ask("POST", "/v1/configuration/part", json=part | {"dry_run": True})
    assert [each["key"] for each in planned["created"]] == ["pipeline"]
    await boards.ask("GET", "/v1/dashboards/pipeline", 404)
    applied = await boards.ask("POST", "/v1/configuration/part", json=part)
    assert [each["pointer"] for each in applied["skipped"]] == ["/dashboards/0/charts/0", "/dashboards/1"]
    again = await boards.ask("POST", "/v1/configuration/part", json=part)
    assert (again["created"], again["changed"]) == ([], [])
    assert [each["key"] for each in again["unchanged"]] == ["pipeline"]
    written = await boards.ask("GET", "/v1/configuration/part")
    assert [each["key"] for each in written["dashboards"][0]["charts"]] == ["won"]
    round_trip = await boards.ask("POST", "/v1/configuration/part", json=written)
    assert [each["key"] for each in round_trip["unchanged"]] == ["pipeline"]
