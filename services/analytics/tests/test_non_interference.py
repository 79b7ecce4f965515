"""What a role hides changes no chart and no metric: random roles, random questions, two histories.

`TRUNKLINE_NON_INTERFERENCE=200` tries so many roles; `TRUNKLINE_NON_INTERFERENCE=17:18` one by its number.
"""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from services.analytics.tests.running import Running
from sqlalchemy import text

from analytics.domain.facts import facts
from analytics.storage import projects, users
from shared.contracts.records import (
    FieldSchema,
    ListSchema,
    ProjectChanged,
    RecordCreated,
    RecordSnapshot,
    RoleChanged,
    StageEntry,
    TagSchema,
    UserChanged,
)
from shared.policy.storage import replicate_role, replicate_user
from shared.testing.service import give_key

QUESTIONS = 30
RECORDS = 24
LISTS = {
    "fresh": ("open", "0.1"),
    "talks": ("open", "0.5"),
    "dark": ("open", "0.9"),
    "won": ("won", None),
    "lost": ("lost", None),
}
TAGS = ("hot", "cold", "dim")
SPAN = "from=2026-01-01&to=2026-12-31"
# Time that goes on is told by what still lasts.
STILL = """CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT timestamptz '2026-06-01T09:00:00Z' $$"""
BEGAN = datetime(2026, 2, 1, 9, tzinfo=UTC)
MONEY = {"currency": "EUR"}


def _field(key: str, type_: str, kind: Any, **config: Any) -> FieldSchema:
    return FieldSchema(key=key, name=key, type=type_, kind=kind, config=config)


CUSTOMERS = ProjectChanged(
    id="p-customers",
    key="customers",
    name="Customers",
    lists=[ListSchema(key="all", name="All", category="neutral", position=0)],
    fields=[_field("score", "number", "number"), _field("trade", "select", "option")],
    tags=[],
    version=1,
)
DEALS = ProjectChanged(
    id="p-deals",
    key="deals",
    name="Deals",
    lists=[
        ListSchema(key=key, name=key, category=category, position=position, forecast_weight=weight)
        for position, (key, (category, weight)) in enumerate(LISTS.items())
    ],
    fields=[
        _field("amount", "currency", "money", **MONEY),
        _field("cost", "currency", "money", **MONEY),
        _field("kind", "select", "option"),
        _field("expected_close_date", "date", "date"),
        _field("customer", "reference", "link", project="customers"),
        _field("margin", "formula", None, expression="{amount} - {cost}"),
        _field("score", "lookup", None, path=["customer", "score"]),
        _field("in_dark", "time_in_list", None, list="dark"),
    ],
    tags=[TagSchema(key=key, name=key) for key in TAGS],
    version=1,
)
STORED = ("amount", "cost", "kind", "expected_close_date")
FIELDS = tuple(each.key for each in DEALS.fields)
CUSTOMERS_OF = ("customer.score", "customer.trade", "customer.title")


def seeds() -> range:
    first, _, last = os.environ.get("TRUNKLINE_NON_INTERFERENCE", "2").rpartition(":")
    return range(int(first or 0), int(last))


@pytest.mark.parametrize("seed", seeds())
async def test_what_is_hidden_changes_no_number(service: Running, seed: int) -> None:
    random = Random(seed)
    role, narrow = _role(random, "p-deals", FIELDS), _role(random, "p-customers", ("score", "trade"))
    headers = await _enter(service, [role, narrow])
    worlds = _worlds(random, role, narrow)
    questions = [_question(random) for _ in range(QUESTIONS)]
    told = []
    for world in worlds:
        await service.forget()
        rows = [row for each in world for row in facts(RecordCreated(record=each))]
        for table in ("record", "stage_entry"):
            await service.clickhouse.insert(table, [row.columns for row in rows if row.table == table])
        told.append([await _asked(service, headers, *question) for question in questions])
    for question, first, second in zip(questions, *told, strict=True):
        assert first[0] < 500, (question, first)
        assert first == second, f"seed {seed}: {question}, roles {role}, {narrow}"


async def _asked(
    service: Running, headers: Mapping[str, str], method: str, path: str, body: Any = None
) -> tuple[int, str]:
    answer = await service.client.request(method, path, json=body, headers=headers)
    return answer.status_code, re.sub(r'"(traceparent|at)":"[^"]*"', "", answer.text)


async def _enter(service: Running, roles: Sequence[RoleChanged]) -> dict[str, str]:
    async with service.database.transaction() as transaction:
        await transaction.execute(text(STILL))
        for project in (CUSTOMERS, DEALS):
            await projects.keep(transaction, project)
        for name in ("me", "you"):
            told = UserChanged(id=name, name=name.title(), email=f"{name}@example.com", version=1)
            await users.keep(transaction, told)
            await replicate_user(told, transaction)
        for role in roles:
            await replicate_role(role, transaction)
    return {"authorization": f"Bearer {await give_key(service.database, ['read', 'write'], 'me')}"}


def _role(random: Random, project: str, fields: Sequence[str]) -> RoleChanged:
    return RoleChanged(
        id=f"role-{project}-{random.randrange(10**9)}",
        project=project,
        key="mine",
        name="Mine",
        record_scope=random.choice(("all", "all", "assigned_only")),
        field_permissions={key: "none" for key in fields if random.random() < 0.3},
        list_permissions={key: "none" for key in ("dark", "lost") if random.random() < 0.4},
        denied_tags=["dim"] if random.random() < 0.4 and project == "p-deals" else [],
        users=["me"],
        version=random.randrange(1, 10**6),
    )


def _worlds(
    random: Random, role: RoleChanged, narrow: RoleChanged
) -> tuple[list[RecordSnapshot], list[RecordSnapshot]]:
    """The same to whoever has the roles. A record that is hidden may be missing from either."""
    both: tuple[list[RecordSnapshot], list[RecordSnapshot]] = ([], [])
    for number in range(RECORDS):
        of_deals = number % 4 > 0
        assignees = random.choice(([], ["me"], ["you"], ["me", "you"]))
        stage = random.choice(list(LISTS)) if of_deals else "all"
        tags = [tag for tag in TAGS if of_deals and random.random() < 0.3]
        shown = _shows(role if of_deals else narrow, stage, tags, assignees)
        common = _contents(random, of_deals)
        past = _stays(random, role, stage) if of_deals else None
        for world in both:
            if shown or random.random() < 0.7:
                own = _contents(random, of_deals)
                values = common if shown else own
                hidden = role.field_permissions if of_deals else narrow.field_permissions
                mixed = {key: (own if key in hidden else values).get(key) for key in own}
                world.append(_record(number, of_deals, stage, tags, assignees, mixed, past if shown else None))
    return both


def _shows(role: RoleChanged, stage: str, tags: Sequence[str], assignees: Sequence[str]) -> bool:
    return (
        role.list_permissions.get(stage) != "none"
        and (role.record_scope == "all" or "me" in assignees)
        and not set(role.denied_tags) & set(tags)
    )


def _contents(random: Random, of_deals: bool) -> dict[str, Any]:  # noqa: FBT001 — one of the two
    if not of_deals:
        return {"score": str(random.randrange(9)), "trade": random.choice(("it", "food"))}
    amount, cost = (
        {"amount": f"{random.randrange(50)}00.00", "currency": "EUR"} if random.random() < 0.8 else None
        for _ in range(2)
    )
    day = f"2026-0{random.randrange(1, 9)}-15"
    links = [f"r{random.randrange(0, RECORDS, 4)}"]
    return {"amount": amount, "cost": cost, "kind": random.choice("ab"), "expected_close_date": day, "customer": links}


def _stays(random: Random, role: RoleChanged, stage: str) -> list[StageEntry]:
    """Where it was before; what it did in a list that is hidden is told nobody."""
    before = random.choice([key for key in LISTS if role.list_permissions.get(key) != "none"])
    moved = BEGAN + timedelta(days=random.randrange(1, 60))
    return [StageEntry(list=before, entered_at=BEGAN, left_at=moved), StageEntry(list=stage, entered_at=moved)]


def _record(
    number: int,
    of_deals: bool,  # noqa: FBT001 — as above
    stage: str,
    tags: list[str],
    assignees: list[str],
    values: dict[str, Any],
    past: list[StageEntry] | None,
) -> RecordSnapshot:
    project = DEALS if of_deals else CUSTOMERS
    links = {"customer": values.pop("customer")} if values.get("customer") else {}
    stays = past or [StageEntry(list=stage, entered_at=BEGAN)]
    entered = stays[-1].entered_at
    return RecordSnapshot(
        id=f"r{number}",
        project=project.id,
        project_key=project.key,
        list=stage,
        list_category=LISTS[stage][0] if of_deals else "neutral",
        title=f"Record {number}",
        values={key: value for key, value in values.items() if value is not None and key != "customer"},
        links=links,
        tags=tags,
        assignees=assignees,
        created_at=BEGAN,
        updated_at=entered,
        entered_list_at=entered,
        last_activity_at=entered,
        version=1,
        stage_history=stays,
    )


def _question(random: Random) -> tuple[str, str, Any]:
    return random.choice((_chart, _chart, _chart, _metric, _metric, _comparison))(random)


def _some(random: Random) -> str:
    return random.choice((*FIELDS, *CUSTOMERS_OF, "title", "list", "assignee", "tags"))


def _filter(random: Random) -> Any:
    field = _some(random)
    return random.choice(
        (
            None,
            {"field": field, "op": random.choice(("is_empty", "is_not_empty"))},
            {"list": [random.choice(list(LISTS))]},
            {"list_category": "open"},
            {"field": "tags", "op": "has_any", "value": [random.choice(TAGS)]},
        )
    )


def _chart(random: Random) -> tuple[str, str, Any]:
    chart: dict[str, Any] = {"type": "stat", "source": "deals", "filter": _filter(random)}
    fn = random.choice(("count", "sum", "max", "average"))
    chart["measure"] = {"fn": fn} | (
        {} if fn == "count" else {"field": random.choice(("amount", "cost", "margin", "score", "in_dark"))}
    )
    if random.random() < 0.5:
        chart |= {
            "type": "bar",
            "group_by": [random.choice(("list", "tag", "assignee", "kind", "customer", *CUSTOMERS_OF))],
        }
    elif random.random() < 0.5:
        basis = random.choice(("created_at", "expected_close_date", *(f"entered:{key}" for key in LISTS)))
        chart |= {"type": "line", "date_basis": basis, "bucket": "month"}
    narrowed = random.choice(("", "?list=dark", "?tag=dim", f"?{SPAN}", "?project=deals"))
    return "POST", f"/v1/charts/query{narrowed}", chart


def _metric(random: Random) -> tuple[str, str, Any]:
    key = random.choice(("win_rate", "weighted_forecast", "pipeline_generated", "sales", "new_opportunities"))
    group = f"&group_by={_some(random)}" if random.random() < 0.6 else ""
    bucket = "&bucket=month" if random.random() < 0.3 else ""
    return "GET", f"/v1/metrics/{key}?{SPAN}{group}{bucket}", None


def _comparison(random: Random) -> tuple[str, str, Any]:
    group = random.choice(("", "&group_by=list", "&group_by=assignee", f"&group_by={_some(random)}"))
    return "GET", f"/v1/comparisons?{SPAN}{group}", None
