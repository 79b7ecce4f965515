from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import Invalid
from shared.expressions import BoardList, Field, Kind, Project, Schema, find_operand, parse_formula, python

LISTS = (
    BoardList("new", "open", 1),
    BoardList("proposal_sent", "open", 2, Decimal("0.50")),
    BoardList("won", "won", 3),
)
DEALS = Project(
    "deals",
    fields=(
        Field("amount", Kind.MONEY),
        Field("cost", Kind.MONEY),
        Field("confidence", Kind.NUMBER),
        Field("discount", Kind.NUMBER),
        Field("closes", Kind.DATE),
        Field("met_at", Kind.DATETIME),
        Field("signed", Kind.BOOLEAN),
        Field("stage", Kind.OPTION),
        Field("services", Kind.OPTIONS),
        Field("name", Kind.TEXT),
        Field("customer", Kind.LINK, target="customers"),
        Field("profit", None, formula="{amount} - {cost}"),
        Field("city", None, path=("customer", "city")),
    ),
    lists=LISTS,
)
CUSTOMERS = Project("customers", fields=(Field("city", Kind.TEXT), Field("credit", Kind.MONEY)))
SCHEMA = Schema({"deals": DEALS, "customers": CUSTOMERS})
NOW = datetime(2026, 3, 29, 23, tzinfo=UTC)  # already the 30th in Amsterdam


def euros(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def worked_out(formula: str, list_: str = "new", **values: Any) -> Any:
    """The formula's value as canonical JSON, on a deal with these values."""
    project = Project("deals", fields=(*DEALS.fields, Field("it", None, formula=formula)), lists=LISTS)
    schema = Schema({"deals": project, "customers": CUSTOMERS})
    record = {"id": "1", "project_key": "deals", "list": list_, "title": "Website", "values": values, "links": {}}
    return python.value("it", record, python.Context(schema, NOW))


def mistake(formula: Any) -> str:
    with pytest.raises(Invalid) as caught:
        parse_formula(formula, "deals", SCHEMA)
    (error,) = caught.value.errors
    assert error.pointer == "/config/expression"
    return error.detail


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-2 ^ 2", "-4"),
        ("2 ^ 3 ^ 2", "512"),
        ("2 ^ -1", "0.5"),
        ("2 ^ 0.5", "1.4142135624"),
        ("1.05 ^ 2", "1.1025"),
        ("7 % 3", "1"),
        ("-7 % 3", "-1"),
        ("10 / 4", "2.5"),
        ("2 / 3", "0.6666666667"),
        ("-2 / 3", "-0.6666666667"),
        ("1 / 0", None),
        ("1 % 0", None),
        ("0 ^ -1", None),
        ("(-8) ^ 0.5", None),
        ("10 ^ 27 * 10", None),
        ("1 - 1 - 1", "-1"),
        ("SUM(1, 2, 3)", "6"),
        ("AVERAGE(1, 2)", "1.5"),
        ("AVERAGEA(4, 'x', TRUE)", "1.6666666667"),
        ("COUNT(1, 'x', {confidence})", "1"),
        ("COUNTA(1, 'x', {confidence})", "2"),
        ("MIN(3, 1, 2)", "1"),
        ("MAX(3, 1, 2)", "3"),
        ("MINUS(3, 1)", "2"),
        ("MULTIPLY(2, 3, 4)", "24"),
        ("ROUND(2.345, 2)", "2.35"),
        ("ROUND(-2.345, 2)", "-2.35"),
        ("ROUND(2.5)", "3"),
        ("ROUND(1250, -2)", "1300"),
        ("ABS(-1)", "1"),
        ("IF(1 < 2, 'yes', 'no')", "yes"),
        ("if(1 > 2, 'yes')", None),
        ("COALESCE({confidence}, {discount}, 5)", "5"),
        ("CONCAT('no. ', 7.50, ', ', TODAY())", "no. 7.5, 2026-03-30"),
        ("LEN('Straße')", "6"),
        ("UPPER('straße')", "STRASSE"),
        ("LOWER('ÀB')", "àb"),
        ("'it''s ' = \"IT'S \"", True),
        ("'a' <> 'b' AND NOT 1 == 2", True),
        ("1 <= 1 AND 2 >= 1 OR FALSE", True),
        ("AND(TRUE, TRUE, FALSE)", False),
        ("DATEDIFF('2026-01-31', '2026-03-01')", "29"),
        ("DATEDIFF('2026-01-31', '2026-03-01', 'weeks')", "4"),
        ("DATEDIFF('2026-01-31', '2026-02-28', 'months')", "0"),
        ("DATEDIFF('2026-03-31', '2026-01-31', 'month')", "-2"),
        ("DATEDIFF('2024-02-29', '2026-02-28', 'years')", "1"),
        ("DATEADD('2026-01-31', 1, 'months')", "2026-02-28"),
        ("DATEADD('2024-02-29', -1, 'years')", "2023-02-28"),
        ("DATEADD('2026-01-31', 1.9)", "2026-02-01"),
        ("DATEADD('2299-12-31', 1)", None),
        ("DATEADD('2026-01-01', 10 ^ 20)", None),
        ("DATEADD(NOW(), 1.5, 'hours')", "2026-03-30T00:30:00Z"),
        ("DATEADD(NOW(), 1, 'days')", "2026-03-31"),
        ("NOW() = TODAY()", True),
        ("TODAY() > '2026-03-29'", True),
        ("{list.forecast_weight}", None),
        ("''", None),
    ],
)
def test_what_formulas_come_to(formula: str, value: Any) -> None:
    assert worked_out(formula) == value


def test_a_missing_operand_makes_the_result_empty() -> None:
    assert worked_out("{amount} - {cost}", amount=euros("10")) is None
    assert worked_out("SUM({confidence}, 1)") is None
    assert worked_out("CONCAT('a', {name})") is None
    assert worked_out("IF({confidence} > 1, 1, 2)") is None
    assert worked_out("COALESCE({name}, '') = ''") is True


def test_and_and_or_are_decided_by_what_is_known() -> None:
    assert worked_out("FALSE AND {signed}") is False
    assert worked_out("TRUE OR {signed}") is True
    assert worked_out("TRUE AND {signed}") is None


def test_money_keeps_its_currency() -> None:
    dollars: dict[str, Any] = {"amount": euros("10", "USD"), "cost": euros("4.005", "USD")}
    assert worked_out("{amount} - {cost}", **dollars) == euros("6.00", "USD")
    assert worked_out("{profit} * 2 / 3", **dollars) == euros("4.00", "USD")
    assert worked_out("{amount} / {cost}", **dollars) == "2.4968789014"
    assert worked_out("-{amount}", **dollars) == euros("-10.00", "USD")
    assert worked_out("MAX({amount}, {cost})", **dollars) == euros("10.00", "USD")


def test_money_of_two_currencies_is_never_mixed() -> None:
    mixed: dict[str, Any] = {"amount": euros("10", "USD"), "cost": euros("4")}
    assert worked_out("{amount} - {cost}", **mixed) is None
    assert worked_out("{amount} / {cost}", **mixed) is None
    assert worked_out("COALESCE({amount} - {cost}, {cost})", **mixed) == euros("4.00")
    assert worked_out("IF({cost} > 1, {amount}, {cost})", **mixed) == euros("10.00", "USD")


def test_a_plain_zero_is_money_in_any_currency() -> None:
    assert worked_out("{amount} - COALESCE({cost}, 0)", amount=euros("10", "USD")) == euros("10.00", "USD")
    assert worked_out("IF(TRUE, 0, {amount})", amount=euros("10", "USD")) == euros("0.00")


def test_money_compares_in_the_base_currency_with_numbers_too() -> None:
    assert worked_out("IF({amount} > 10000, 'large', 'small')", amount=euros("10000.01")) == "large"
    assert worked_out("{amount} > {cost}", amount=euros("1", "USD"), cost=euros("1")) is None


def test_a_weighted_forecast_takes_the_weight_of_the_list() -> None:
    formula = "{amount} * list.forecast_weight"
    assert worked_out(formula, "proposal_sent", amount=euros("12333.33")) == euros("6166.67")
    assert worked_out(formula, "won", amount=euros("12333.33")) is None


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (7, "A formula is a text."),
        ("", "The formula is empty."),
        ("{amount} -", "The formula ends too early."),
        ("{amount} $ 2", "The formula cannot be read at character 10: $ 2"),
        ("1 < 2 < 3", "The formula cannot be read at character 7: < 3"),
        ("{amont} * 2", "There is no field 'amont' in project deals."),
        ("{customer.town}", "There is no field 'town' in project customers."),
        ("{name.town}", "'name' in project deals is not a reference, so nothing stands behind its dot."),
        ("PROFIT(1)", "There is no function PROFIT (at character 1)."),
        ("1 + ROUND()", "ROUND takes 1 to 2 arguments, not 0 (at character 5)."),
        ("{amount} * {cost}", "* cannot multiply money by money (at character 10)."),
        ("1 / {amount}", "/ cannot divide a number by money (at character 3)."),
        ("{amount} + 1", "+ cannot mix money and number (at character 10)."),
        ("{name} + 1", "+ cannot mix number and text (at character 8)."),
        ("{name} * 1", "* takes number or money, not text (at character 8)."),
        ("IF(1, 2, 3)", "IF takes boolean, not number (at character 1)."),
        ("IF({signed}, 1, 'a')", "IF cannot mix number and text (at character 1)."),
        ("{signed} < TRUE", "< cannot order truth values (at character 10)."),
        ("COUNTA({services})", "'services' may hold several values; a formula works with one (at character 1)."),
        ("{customer}", "'customer' may hold several values; a formula works with one."),
        ("DATEADD({closes}, 1, 'hours')", "DATEADD takes datetime, not date (at character 1)."),
        ("'soon' > {closes}", '"soon" is not a date: write "2026-01-31" (at character 8).'),
        ("ROUND(1, {discount})", "ROUND: the number of digits is written out, a whole number from -10 to 10"),
        ("99999999999999999999999999999", "99999999999999999999999999999 has more than 28 digits before or 10 after"),
        ("1.00000000001", "1.00000000001 has more than 28 digits before or 10 after the point."),
        ("'" + "a" * 4_096 + "'", "The formula is longer than 4096 bytes."),
        ("(" * 40 + "1" + ")" * 40 + "-" * 40 + "1", "The formula is nested deeper than 32."),
        ("+".join(["1"] * 501), "The formula has more than 500 parts."),
        ("'a\0'", "The formula holds a NUL character."),
    ],
)
def test_what_cannot_be_worked_out_is_refused(formula: Any, said: str) -> None:
    assert mistake(formula).startswith(said)


def test_formulas_of_formulas_do_not_grow_without_end() -> None:
    doubling = tuple(Field(f"f{n}", None, formula=f"{{f{n - 1}}} + {{f{n - 1}}}" if n else "1") for n in range(40))
    schema = Schema({"deals": Project("deals", fields=doubling)})
    assert find_operand("f5", "deals", schema).kind is Kind.NUMBER
    with pytest.raises(Invalid, match="together with the formulas it uses, is too large"):
        find_operand("f39", "deals", schema)


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("{profit} * 2", Kind.MONEY),
        ("{profit} / {amount}", Kind.NUMBER),
        ("{city}", Kind.TEXT),
        ("{stage}", Kind.TEXT),
        ("{customer.credit} + {amount}", Kind.MONEY),
        ("{met_at} > {closes}", Kind.BOOLEAN),
        ("DATEADD({met_at}, 1)", Kind.DATE),
        ("MAX({met_at}, NOW())", Kind.DATETIME),
    ],
)
def test_the_kind_of_a_result_is_known_beforehand(formula: str, kind: Kind) -> None:
    schema = Schema(
        {**SCHEMA.projects, "deals": Project("deals", fields=(*DEALS.fields, Field("it", None, formula=formula)))}
    )
    assert find_operand("it", "deals", schema).kind is kind
