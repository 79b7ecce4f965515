"""Random filters and formulas that fit a schema, over small pools of troublesome values."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from shared.expressions import SYSTEM_FIELDS, BoardList, Kind, Operand, Schema, find_operand
from shared.expressions.operators import OPERATORS, TAKES, Takes, fits
from shared.expressions.tree import kind_of

EMPTY = 0.25  # of fields
LEAF = 0.3  # of nodes, above the depth asked for
NOW = datetime(2026, 3, 30, 10, tzinfo=UTC)
TIMES = ("created_at", "updated_at", "entered_list_at", "last_activity_at")
MAYBE_TIMES = ("due_at", "done_at", "snoozed_until", "next_activity_at")
ALL_TIMES = (*TIMES, *MAYBE_TIMES)
TEXTS = [
    *(
        "Straße",
        "STRASSE",
        "strasse",
        "İstanbul",
        "ΟΔΟΣ",
        "οδοσ",
        "\u017f",
        "Ǆ",
        "é",
        "e\u0301",
        "😀",
        "a",
        "A",
        "b",
        "Z",
    ),
    *("it's", 'say "x"', "back\\slash", "50%_off", "a:b :value_0_", "{value_0:String}", "tab\tand\nline", "12.5"),
]
OPTIONS = ["a", "b", "it's", "C"]
NUMBERS = [
    *("0", "1", "-1", "2", "2.5", "-2.5", "0.5", "3", "7", "12.5", "100", "0.1", "-0.0000000001", "0.0000000005"),
    *("123456789.123456789", "9999999999999999999999999999.9999999999", "99999999999999", "-33.3333333333"),
]
DATES = ["1900-01-01", "2299-12-31", "2024-02-29", "2026-03-29", "2026-03-30", "2026-03-31", "2026-10-25", "2026-01-31"]
MOMENTS = [
    *("1900-01-02T00:00:00Z", "2026-03-28T23:00:00Z", "2026-03-28T22:59:59.999000Z", "2026-03-29T01:00:00Z"),
    *("2026-03-30T10:00:00Z", "2026-03-30T09:59:59.999000Z", "2026-10-25T00:30:00Z", "2299-12-31T22:00:00Z"),
]
DURATIONS = ["P7D", "P1M", "PT36H", "P1Y", "PT1S"]
UNITS = ["days", "weeks", "months", "years"]
CLOCK_UNITS = ["hours", "minutes", "seconds"]
COMPARATORS = ["=", "!=", "<", "<=", ">", ">="]
LISTS = (BoardList("new", "open", 0), BoardList("sent", "open", 1, Decimal("0.5")), BoardList("won", "won", 2))
POOLS: dict[Kind, list[Any]] = {
    Kind.TEXT: TEXTS,
    Kind.PLACE: TEXTS,
    Kind.NUMBER: NUMBERS,
    Kind.MONEY: [{"amount": amount, "currency": currency} for amount in NUMBERS for currency in ("EUR", "EUR", "USD")],
    Kind.BOOLEAN: [True, False],
    Kind.DATE: DATES,
    Kind.DATETIME: MOMENTS,
    Kind.OPTION: OPTIONS,
    Kind.USER: OPTIONS,
}
LITERALS = {Kind.TEXT: TEXTS, Kind.NUMBER: [text for text in NUMBERS if text[0] != "-"]}
SCALARS = (Kind.TEXT, Kind.NUMBER, Kind.MONEY, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME)


class Formulas:
    """Writes formulas of a wanted kind over a project's fields."""

    def __init__(self, random: Random, schema: Schema, project: str) -> None:
        self.random = random
        self.operands = _names(schema, project, single=True)

    def write(self, kind: Kind, depth: int) -> str:
        if depth == 0 or self.random.random() < LEAF:
            return self.leaf(kind)
        template = self.random.choice(TEMPLATES[kind])
        return PLACEHOLDER.sub(lambda match: self.fill(match[1], depth - 1), template)

    def fill(self, name: str, depth: int) -> str:
        if name in WORDS:
            return self.random.choice(WORDS[name])
        return self.write(Kind(name), depth)

    def leaf(self, kind: Kind) -> str:
        names = self.operands[kind]
        if kind in LITERALS and (not names or self.random.random() < LEAF):
            literal = self.random.choice(LITERALS[kind])
            return literal if kind is Kind.NUMBER else '"{}"'.format(literal.replace('"', '""'))
        return f"{{{self.random.choice(names)}}}"


def _names(schema: Schema, project: str, *, single: bool) -> dict[Kind, list[str]]:
    """The names a condition (or, single, a formula) may use, by the kind it computes with."""
    own = [field.key for field in schema.project(project).fields]
    names = [*own, *SYSTEM_FIELDS, "list.forecast_weight", "record.probability", "outcome"]
    if project == "deals":
        behind = [*(field.key for field in schema.project("customers").fields), *SYSTEM_FIELDS, "record.outcome"]
        names += [f"customer.{key}" for key in behind] + [f"parts.{key}" for key in ("text_0", "money_2", "maker")]
    if "deals" in schema.project(project).by_key:
        names += [f"deals.{key}" for key in ("number_1", "money_2", "title", "parts.text_0")]
    found: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for name in names:
        operand = find_operand(name, project, schema)
        if not single:
            found[operand.kind].append(name)
        elif not operand.many:
            found[kind_of(operand)].append(name)
    return found


PLACEHOLDER = re.compile("<([a-z_]+)>")
WORDS = {"compare": COMPARATORS, "unit": UNITS, "clock_unit": CLOCK_UNITS, "digits": ["0", "2", "10", "-1", "-3"]}
CHOICES = ["IF(<boolean>, <{0}>, <{0}>)", "IF(<boolean>, <{0}>)", "COALESCE(<{0}>, <{0}>)"]
ARITHMETIC = ["<{0}> + <{0}>", "<{0}> - <{0}>", "-(<{0}>)", "SUM(<{0}>, <{0}>, <{0}>)", "MINUS(<{0}>, <{0}>)"]
ARITHMETIC += ["ABS(<{0}>)", "ROUND(<{0}>, <digits>)", "AVERAGE(<{0}>, <{0}>, <{0}>)", "(<{0}>) * (<number>)"]
ARITHMETIC += ["(<{0}>) / (<number>)", "MULTIPLY(<{0}>, <number>)"]
EXTREMES = ["MIN(<{0}>, <{0}>)", "MAX(<{0}>, <{0}>, <{0}>)"]
SHARED = {
    Kind.NUMBER: [*CHOICES, *ARITHMETIC, *EXTREMES],
    Kind.MONEY: [*CHOICES, *ARITHMETIC, *EXTREMES, "COALESCE(<{0}>, 0)", "IF(<boolean>, 0, <{0}>)", "<{0}> + 0"],
    Kind.TEXT: CHOICES,
    Kind.BOOLEAN: CHOICES,
    Kind.DATE: [*CHOICES, *EXTREMES],
    Kind.DATETIME: [*CHOICES, *EXTREMES],
}
OWN = {
    Kind.NUMBER: [
        *("(<number>) % (<number>)", "(<number>) ^ (<number>)", "(<number>) ^ 2", "(<money>) / (<money>)"),
        *("LEN(<text>)", "AVERAGEA(<text>, <number>, <boolean>)", "COUNT(<number>, <text>, <money>)"),
        *("COUNTA(<text>, <money>, <date>)", "DATEDIFF(<date>, <date>, '<unit>')", "DATEDIFF(<datetime>, <date>)"),
        "DATEDIFF(<datetime>, <datetime>, '<clock_unit>')",
    ],
    Kind.MONEY: [],
    Kind.TEXT: ["CONCAT(<text>, <number>, <date>)", "UPPER(<text>)", "LOWER(<text>)", "CONCAT(<text>, '')"],
    Kind.BOOLEAN: [
        *("(<number>) <compare> (<number>)", "(<money>) <compare> (<money>)", "(<money>) <compare> (<number>)"),
        *("(<text>) <compare> (<text>)", "(<date>) <compare> (<date>)", "(<datetime>) <compare> (<datetime>)"),
        *("(<date>) <compare> (<datetime>)", "(<boolean>) = (<boolean>)", "(<boolean>) AND (<boolean>)"),
        *("(<boolean>) OR (<boolean>)", "NOT (<boolean>)", "TRUE", "(<date>) > '2026-03-29'"),
    ],
    Kind.DATE: ["TODAY()", "DATEADD(<date>, <number>, '<unit>')", "DATEADD(<datetime>, <number>, '<unit>')"],
    Kind.DATETIME: ["NOW()", "DATEADD(<datetime>, <number>, '<clock_unit>')"],
}
TEMPLATES = {kind: [*OWN[kind], *(text.replace("<{0}>", f"<{kind}>") for text in SHARED[kind])] for kind in SCALARS}


class Conditions:
    """Writes filters over a project's fields."""

    def __init__(self, random: Random, schema: Schema, ids: Sequence[str], project: str) -> None:
        self.random = random
        self.schema = schema
        self.ids = ids
        self.project = project
        self.names = [name for names in _names(schema, project, single=False).values() for name in names]

    def write(self, depth: int) -> dict[str, Any]:
        if depth == 0 or self.random.random() < LEAF:
            return self.leaf()
        parts = [self.write(depth - 1) for _ in range(self.random.randint(0, 3))]
        return {self.random.choice(["all", "any", "none", "not"]): parts}

    def leaf(self) -> dict[str, Any]:
        if self.project == "customers" and self.random.random() < EMPTY:
            return {"relation": self.random.choice(["deals.customer", "parts.maker", "customers.boss"]), "op": "exists"}
        name = self.random.choice(self.names)
        operand = find_operand(name, self.project, self.schema)
        op = self.random.choice(sorted(op for op in OPERATORS if fits(op, operand)))
        condition = {"field": name, "op": op}
        return condition if TAKES[op] is Takes.NOTHING else {**condition, "value": self.value(op, operand)}

    def value(self, op: str, operand: Operand) -> Any:
        match TAKES[op]:
            case Takes.DURATION:
                return self.random.choice(DURATIONS)
            case Takes.ONE:
                return self.single(operand)
            case Takes.TWO:
                return [self.single(operand), self.single(operand)]
        return [self.single(operand) for _ in range(self.random.randint(0, 3))]

    def single(self, operand: Operand) -> Any:
        pool = {
            "list": [stage.key for stage in LISTS],
            "list_category": ["open", "won", "lost", "neutral"],
            "record.outcome": ["won", "lost", "stalled"],
        }.get(operand.field, POOLS.get(operand.kind, OPTIONS))
        if operand.kind is Kind.LINK:
            pool = list(self.ids)
        if operand.kind in (Kind.DATE, Kind.DATETIME) and self.random.random() < LEAF:
            pool = [*DATES, *DURATIONS, *(f"-{duration}" for duration in DURATIONS)]
        return self.random.choice(pool)
