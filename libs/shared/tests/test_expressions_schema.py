from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.records import FieldSchema, ListSchema, ProjectChanged
from shared.errors import Invalid
from shared.expressions import (
    RESERVED_KEYS,
    BoardList,
    Field,
    Finding,
    Kind,
    Project,
    Schema,
    check_project,
    find_operand,
    hops_in,
    needed_hops,
    parse_filter,
    parse_sort,
    project_from,
    python,
)
from shared.expressions.clickhouse_functions import functions as of_clickhouse
from shared.expressions.postgres_functions import functions as of_postgres
from shared.expressions.python_functions import functions as of_python

CUSTOMERS = Project(
    "customers",
    fields=(
        Field("city", Kind.TEXT),
        Field("revenue", Kind.NUMBER),
        Field("boss", Kind.LINK, target="customers"),
        Field("twice", None, formula="{revenue} + {boss.revenue}"),
    ),
)
DEALS = Project(
    "deals", fields=(Field("customer", Kind.LINK, target="customers"), Field("city", None, path=("customer", "city")))
)
PROJECTS = Project(
    "projects",
    fields=(
        Field("deal", Kind.LINK, target="deals"),
        Field("city", None, path=("deal", "city")),
        Field("customer", None, path=("deal", "customer")),
        Field("worth", None, formula="{customer.twice} * 2"),
    ),
)
SCHEMA = Schema({project.key: project for project in (CUSTOMERS, DEALS, PROJECTS)})
NOW = datetime(2026, 3, 30, 10, tzinfo=UTC)


def snapshot(id_: str, project: str, values: Any = None, **links: list[str]) -> dict[str, Any]:
    return {"id": id_, "project_key": project, "title": id_, "values": values or {}, "links": links}


WORLD = {
    "p": snapshot("p", "projects", deal=["d"]),
    "d": snapshot("d", "deals", customer=["c"]),
    "c": snapshot("c", "customers", {"city": "Zwolle", "revenue": "20"}, boss=["b"]),
    "b": snapshot("b", "customers", {"city": "Delft", "revenue": "1.5"}),
}


def test_a_project_is_read_from_its_event() -> None:
    event = ProjectChanged(
        id="7",
        key="deals",
        name="Deals",
        lists=[ListSchema(key="sent", name="Sent", category="open", position=3, forecast_weight="0.50")],
        fields=[
            FieldSchema(key="amount", name="Amount", type="currency", kind="money", config={"currency": "USD"}),
            FieldSchema(
                key="parts", name="P", type="reference", kind="link", config={"project": "parts", "multiple": True}
            ),
            FieldSchema(key="city", name="City", type="lookup", kind=None, config={"path": ["customer", "city"]}),
            FieldSchema(key="profit", name="Profit", type="formula", kind=None, config={"expression": "{amount} / 2"}),
            FieldSchema(key="press", name="Press me", type="button", kind=None),
        ],
        tags=[],
        version=1,
    )
    assert project_from(event) == Project(
        "deals",
        "7",
        (
            Field("amount", Kind.MONEY, currency="USD"),
            Field("parts", Kind.LINK, target="parts", multiple=True),
            Field("city", None, path=("customer", "city")),
            Field("profit", None, formula="{amount} / 2"),
        ),
        (BoardList("sent", "open", 3, Decimal("0.50")),),
    )


def test_a_lookup_of_a_lookup_is_one_path() -> None:
    operand = find_operand("city", "projects", SCHEMA)
    assert [hop.field for hop in operand.hops] == ["deal", "customer"]
    assert (operand.project, operand.field, operand.kind) == ("customers", "city", Kind.TEXT)
    assert find_operand("customer.boss.city", "projects", SCHEMA).kind is Kind.TEXT


def test_computed_fields_are_checked_and_their_mistakes_named() -> None:
    wrong = (Field("far", None, path=("city", "x")), Field("half", None, formula="{customer.town}"))
    schema = Schema({**SCHEMA.projects, "deals": Project("deals", fields=(*DEALS.fields, *wrong))})
    check_project("projects", schema)
    with pytest.raises(Invalid) as caught:
        check_project("deals", schema)
    assert {error.pointer: error.detail for error in caught.value.errors} == {
        "/fields/far": "'city' in project deals is not a reference, so nothing stands behind its dot.",
        "/fields/half": "There is no field 'town' in project customers.",
    }


def test_a_field_cannot_be_computed_from_itself_and_the_way_round_is_shown() -> None:
    one = Project(
        "one",
        fields=(
            Field("two", Kind.LINK, target="two"),
            Field("a", None, formula="1 + {b}"),
            Field("b", None, path=("two", "c")),
        ),
    )
    two = Project("two", fields=(Field("one", Kind.LINK, target="one"), Field("c", None, formula="{one.a} * 2")))
    with pytest.raises(Invalid) as caught:
        check_project("one", Schema({"one": one, "two": two}))
    assert {error.pointer: error.detail for error in caught.value.errors} == {
        "/fields/a": "A field cannot be computed from itself: one.a → one.b → two.c → one.a.",
        "/fields/b": "A field cannot be computed from itself: one.b → two.c → one.a → one.b.",
    }


def test_a_path_has_its_limit() -> None:
    assert find_operand("boss." * 8 + "city", "customers", SCHEMA).kind is Kind.TEXT
    with pytest.raises(Invalid, match="more than 8 references"):
        find_operand("boss." * 9 + "city", "customers", SCHEMA)


def test_the_references_that_values_go_through_are_known() -> None:
    assert needed_hops("projects", SCHEMA) == {("deal",), ("deal", "customer"), ("deal", "customer", "boss")}
    tree = parse_filter({"any": [{"customer.city": "Delft"}, {"city": "Delft"}, {"title": "x"}]}, "deals", SCHEMA)
    assert hops_in(tree, *parse_sort([{"field": "customer.boss"}], "deals", SCHEMA)) == {
        ("customer",),
        ("customer", "boss"),
    }


def test_values_behind_references_are_computed() -> None:
    context = python.Context(SCHEMA, NOW, WORLD.get)
    assert python.computed(WORLD["p"], context) == {"city": "Zwolle", "customer": ["c"], "worth": "43"}


def test_what_stands_behind_a_deleted_record_is_empty() -> None:
    context = python.Context(SCHEMA, NOW, {**WORLD, "c": None}.get)
    assert python.computed(WORLD["p"], context) == {"customer": ["c"]}


def test_each_condition_is_explained() -> None:
    filter_ = {
        "all": [{"field": "customer.city", "op": "in", "value": ["delft", "Breda"]}],
        "none": [{"relation": "projects.deal", "op": "exists"}],
    }
    context = python.Context(SCHEMA, NOW, WORLD.get, referencing=lambda *asked: asked == ("projects", "deal", "d"))
    assert python.explain(parse_filter(filter_, "deals", SCHEMA), WORLD["d"], context) == (
        Finding("/filter/all/0", "customer.city", "in", ["delft", "Breda"], "Zwolle", holds=False),
        Finding("/filter/none/0", "projects.deal", "exists", wanted=True, actual=True, holds=True),
    )


def test_words_of_the_filter_language_are_reserved() -> None:
    assert {"title", "list", "assignee", "all", "none", "field", "relation"} <= RESERVED_KEYS


def test_every_backend_knows_the_same_functions() -> None:
    assert of_python(SCHEMA.zone).keys() - {"ratio"} == of_postgres("UTC").keys() == of_clickhouse("UTC").keys()
