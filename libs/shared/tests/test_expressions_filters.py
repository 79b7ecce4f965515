from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import Invalid
from shared.expressions import BoardList, Field, Kind, Project, Schema, parse_filter, parse_sort, python
from shared.expressions.rates import Rates

DEALS = Project(
    "deals",
    fields=(
        Field("amount", Kind.MONEY),
        Field("dollars", Kind.MONEY, currency="USD"),
        Field("confidence", Kind.NUMBER),
        Field("closes", Kind.DATE),
        Field("met_at", Kind.DATETIME),
        Field("stage", Kind.OPTION),
        Field("services", Kind.OPTIONS),
        Field("contracts", Kind.FILE),
        Field("customer", Kind.LINK, target="customers"),
        Field("parts", Kind.LINK, target="parts", multiple=True),
    ),
    lists=(BoardList("new", "open", 1), BoardList("won", "won", 2)),
)
CUSTOMERS = Project("customers", fields=(Field("industry", Kind.OPTION), Field("city", Kind.TEXT)))
PARTS = Project("parts", fields=(Field("price", Kind.NUMBER), Field("colors", Kind.OPTIONS)))
SCHEMA = Schema({project.key: project for project in (DEALS, CUSTOMERS, PARTS)})
# Noon in Amsterdam, the day after the clocks went forward.
NOW = datetime(2026, 3, 30, 10, tzinfo=UTC)


def record(**changes: Any) -> dict[str, Any]:
    times = dict.fromkeys(("created_at", "updated_at", "entered_list_at", "last_activity_at"), "2026-03-01T09:00:00Z")
    empty = dict.fromkeys(("due_at", "done_at", "snoozed_until", "next_activity_at", "color"))
    plain = {"id": "1", "project_key": "deals", "list": "new", "title": "Website", "tags": [], "assignees": []}
    return {**plain, "values": {}, "links": {}, **times, **empty, **changes}


def holds(filter_: Any, linked: dict[str, Any] | None = None, **changes: Any) -> bool:
    context = python.Context(SCHEMA, NOW, (linked or {}).get)
    return python.holds(parse_filter(filter_, "deals", SCHEMA), record(**changes), context)


def mistakes(filter_: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        parse_filter(filter_, "deals", SCHEMA)
    return {error.pointer: error.detail for error in caught.value.errors}


def test_all_mistakes_of_a_filter_are_told_at_once_with_their_places() -> None:
    filter_ = {
        "all": [
            {"field": "amont", "op": "gte", "value": "25000.00"},
            {"any": [{"field": "amount", "op": "gte", "value": "much"}, {"field": "amount", "op": "like", "value": 1}]},
            {"not": {"field": "customer.industri", "op": "eq", "value": "it"}},
        ]
    }
    assert mistakes(filter_) == {
        "/filter/all/0/field": "There is no field 'amont' in project deals.",
        "/filter/all/1/any/0/value": "'much' is not a number.",
        "/filter/all/1/any/1/op": "There is no operator 'like'.",
        "/filter/all/2/not/field": "There is no field 'industri' in project customers.",
    }


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ({"field": "title", "op": "gt", "value": "a"}, "/filter/op"),
        ({"field": "stage", "op": "contains", "value": "a"}, "/filter/op"),
        ({"field": "stage", "op": "has_any", "value": ["a"]}, "/filter/op"),
        ({"field": "contracts", "op": "eq", "value": "a"}, "/filter/op"),
        ({"field": "title"}, "/filter/op"),
        ({"field": "title", "op": "eq"}, "/filter/value"),
        ({"field": "title", "op": "eq", "value": ""}, "/filter/value"),
        ({"field": "title", "op": "eq", "value": 1}, "/filter/value"),
        ({"field": "title", "op": "eq", "value": "a\0"}, "/filter/value"),
        ({"field": "title", "op": "eq", "value": "\ud800"}, "/filter/value"),
        ({"field": "title", "op": "is_empty", "value": True}, "/filter/value"),
        ({"field": "title", "op": "in", "value": "a"}, "/filter/value"),
        ({"field": "title", "op": "in", "value": ["a", None]}, "/filter/value/1"),
        ({"field": "title", "op": "eq", "values": "a"}, "/filter/values"),
        ({"field": "confidence", "op": "eq", "value": True}, "/filter/value"),
        ({"field": "confidence", "op": "eq", "value": float("nan")}, "/filter/value"),
        ({"field": "confidence", "op": "eq", "value": "1e400000"}, "/filter/value"),
        ({"field": "confidence", "op": "eq", "value": "9" * 29}, "/filter/value"),
        ({"field": "confidence", "op": "between", "value": [1]}, "/filter/value"),
        ({"field": "amount", "op": "eq", "value": {"amount": "1"}}, "/filter/value"),
        ({"field": "amount", "op": "eq", "value": {"amount": "1", "currency": "';--"}}, "/filter/value"),
        ({"field": "closes", "op": "eq", "value": "2026-02-30"}, "/filter/value"),
        ({"field": "closes", "op": "eq", "value": "2026-03-30T10:00:00Z"}, "/filter/value"),
        ({"field": "closes", "op": "eq", "value": "1815-06-18"}, "/filter/value"),
        ({"field": "met_at", "op": "eq", "value": "2026-03-30T10:00:00"}, "/filter/value"),
        ({"field": "met_at", "op": "within_last", "value": "-P7D"}, "/filter/value"),
        ({"field": "met_at", "op": "within_last", "value": "P"}, "/filter/value"),
        ({"field": "met_at", "op": "within_last", "value": "P101Y"}, "/filter/value"),
        ({"field": "done", "op": "eq", "value": "yes"}, "/filter/value"),
        ({"field": "list", "op": "eq", "value": "old"}, "/filter/value"),
        ({"field": "list_category", "op": "in", "value": ["open", "shut"]}, "/filter/value/1"),
        ({"field": "customer", "op": "eq", "value": "Jansen"}, "/filter/value"),
        ({"field": "title.length", "op": "eq", "value": 1}, "/filter/field"),
        ({"field": 7, "op": "eq", "value": 1}, "/filter/field"),
        ({"relation": "customers.deals", "op": "exists"}, "/filter/relation"),
        ({"relation": "parts", "op": "exists"}, "/filter/relation"),
        ({"relation": "parts.price", "op": "missing"}, "/filter/op"),
        ({"a/b~": 1}, "/filter/a~1b~0"),
        ({"all": ["x"]}, "/filter/all/0"),
        ("x", "/filter"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(condition: Any, place: str) -> None:
    assert list(mistakes(condition)) == [place]


def test_a_filter_has_at_most_fifty_conditions_and_a_depth_of_thirty_two() -> None:
    condition = {"field": "title", "op": "is_empty"}
    assert parse_filter([condition] * 50, "deals", SCHEMA)
    assert mistakes([condition] * 1_000) == {"/filter/50": "The filter has more than 50 conditions."}
    deep: Any = condition
    for _ in range(5_000):
        deep = {"not": deep}
    assert list(mistakes(deep).values()) == ["The filter is nested deeper than 32."]


@pytest.mark.parametrize("nothing", [None, {}, [], {"all": []}, {"none": []}])
def test_no_condition_lets_every_record_pass(nothing: Any) -> None:
    assert holds(nothing)


def test_none_of_no_conditions_holds() -> None:
    assert not holds({"any": []})


def test_the_short_form_says_eq_and_in() -> None:
    assert holds({"list_category": "open"})
    assert holds({"list": ["won", "new"]})
    assert holds({"list_category": "open", "title": "WEBSITE"})
    assert not holds({"list": ["won"]})
    assert holds(
        {"amount": {"amount": "5", "currency": "EUR"}}, values={"amount": {"amount": "5.00", "currency": "EUR"}}
    )


def test_ne_and_not_match_empty_values_and_ordering_does_not() -> None:
    assert holds({"field": "stage", "op": "ne", "value": "a"})
    assert holds({"field": "stage", "op": "not_in", "value": ["a"]})
    assert holds({"not": {"field": "confidence", "op": "gt", "value": 3}})
    assert not holds({"field": "confidence", "op": "lt", "value": 3})
    assert not holds({"field": "confidence", "op": "gte", "value": 3})


def test_money_compares_in_the_base_currency_and_without_a_rate_it_is_empty() -> None:
    euros = {"values": {"amount": {"amount": "100", "currency": "EUR"}}}
    dollars = {"values": {"amount": {"amount": "100", "currency": "USD"}}}
    assert holds({"field": "amount", "op": "gte", "value": "100.00"}, **euros)
    assert not holds({"field": "amount", "op": "gte", "value": "1"}, **dollars)
    assert holds({"field": "amount", "op": "is_not_empty"}, **dollars)
    assert not holds({"field": "amount", "op": "gte", "value": {"amount": "1", "currency": "USD"}}, **euros)


def test_a_bare_amount_is_in_the_fields_currency() -> None:
    both = {"values": {"dollars": {"amount": "100", "currency": "USD"}}}
    tree = parse_filter({"field": "dollars", "op": "lt", "value": "200"}, "deals", SCHEMA)
    context = python.Context(SCHEMA, NOW, rates=Rates.of([("2020-01-01", "USD", "EUR", Decimal(2))]))
    assert python.holds(tree, record(**both), context)
    half = parse_filter(
        {"field": "dollars", "op": "lt", "value": {"amount": "200", "currency": "EUR"}}, "deals", SCHEMA
    )
    assert not python.holds(half, record(**both), context)


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("eq", "2026-03-29", ["2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999000Z"]),
        ("before", "2026-03-29", ["2026-03-28T22:59:59.999000Z"]),
        ("lte", "2026-03-29", ["2026-03-28T22:59:59.999000Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999000Z"]),
        ("after", "2026-03-29", ["2026-03-29T22:00:00Z"]),
        ("after", "2026-03-29T21:59:59.999Z", ["2026-03-29T22:00:00Z"]),
        ("after", "-PT12H", []),
        (
            "between",
            ["2026-03-29", "2026-03-30"],
            ["2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999000Z", "2026-03-29T22:00:00Z"],
        ),
        ("within_last", "PT12H30M", ["2026-03-29T21:59:59.999000Z", "2026-03-29T22:00:00Z"]),
        ("in_future", None, []),
    ],
)
def test_a_day_is_the_day_of_the_workspaces_zone(op: str, value: Any, expected: list[str]) -> None:
    moments = [
        "2026-03-28T22:59:59.999000Z",
        "2026-03-28T23:00:00Z",
        "2026-03-29T21:59:59.999000Z",
        "2026-03-29T22:00:00Z",
    ]
    condition = {"field": "met_at", "op": op, **({} if value is None else {"value": value})}
    assert [moment for moment in moments if holds(condition, values={"met_at": moment})] == expected


def test_a_month_back_keeps_the_day_where_there_is_one() -> None:
    """A month before the 30th of March is the last of February."""
    within = {"field": "closes", "op": "within_last", "value": "P1M"}
    assert holds(within, values={"closes": "2026-02-28"})
    assert not holds(within, values={"closes": "2026-02-27"})
    assert not holds(within, values={"closes": "2026-03-31"})
    assert holds({"field": "closes", "op": "in_future"}, values={"closes": "2026-03-31"})
    assert not holds({"field": "closes", "op": "in_future"}, values={"closes": "2026-03-30"})


def test_a_dotted_field_holds_if_it_holds_for_any_linked_record() -> None:
    parts = {
        "p": record(id="p", project_key="parts", values={"price": "5", "colors": ["red"]}),
        "q": record(id="q", project_key="parts", values={"price": "50"}),
    }
    both: dict[str, Any] = {"linked": parts, "links": {"parts": ["p", "q", "gone"]}}
    assert holds({"field": "parts.price", "op": "between", "value": [40, 60]}, **both)
    assert not holds({"field": "parts.price", "op": "between", "value": [10, 40]}, **both)
    assert holds({"field": "parts.price", "op": "has_all", "value": [5, 50]}, **both)
    assert holds({"field": "parts.colors", "op": "has_any", "value": ["red", "blue"]}, **both)
    assert not holds({"field": "parts.price", "op": "is_empty"}, **both)
    assert holds({"field": "parts.price", "op": "is_empty"}, links={"parts": ["gone"]})
    assert holds({"field": "parts.price", "op": "ne", "value": 7}, **both)


@pytest.mark.parametrize(
    ("sorts", "place"),
    [
        ("amount", "/sort"),
        ([{"field": "amont"}], "/sort/0/field"),
        ([{"field": "title"}, {"field": "tags"}], "/sort/1/field"),
        ([{"field": "parts"}], "/sort/0/field"),
        ([{"field": "title", "descending": 1}], "/sort/0/descending"),
        ([{"descending": True}], "/sort/0"),
    ],
)
def test_what_cannot_be_sorted_by_is_refused_at_its_place(sorts: Any, place: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_sort(sorts, "deals", SCHEMA)
    assert [error.pointer for error in caught.value.errors] == [place]


def test_a_list_sorts_by_its_position_and_empties_come_last_either_way() -> None:
    records = [record(id="1", list="won"), record(id="2"), record(id="3", values={"confidence": "2"})]
    context = python.Context(SCHEMA, NOW)
    by_list = parse_sort([{"field": "list", "descending": True}], "deals", SCHEMA)
    assert [each["id"] for each in python.sort(records, by_list, context)] == ["1", "2", "3"]
    for descending in (True, False):
        sorts = parse_sort([{"field": "confidence", "descending": descending}], "deals", SCHEMA)
        assert [each["id"] for each in python.sort(records, sorts, context)] == ["3", "1", "2"]


def test_probability_and_outcome_are_asked_for_where_no_field_is_called_so() -> None:
    likely = {"probability": "80", "outcome": {"state": "stalled", "at": "2026-03-01T09:00:00Z"}}
    assert holds({"all": [{"field": "probability", "op": "gte", "value": 50}, {"outcome": "stalled"}]}, **likely)
    assert not holds({"record.outcome": ["won", "lost"]}, **likely)
    assert holds({"field": "outcome", "op": "is_empty"}, outcome=None)
    assert next(iter(mistakes({"outcome": "sold"}).values())) == "An outcome is won, lost, stalled, not 'sold'."
    own = Project("own", fields=(Field("outcome", Kind.TEXT),))
    schema = Schema({"own": own})
    context = python.Context(schema, NOW, {}.get)
    found = python.holds(
        parse_filter({"outcome": "sunny"}, "own", schema), record(values={"outcome": "Sunny"}), context
    )
    assert found
