"""Money in the base currency: by the latest rate up to the day a record was made, where the workspace is."""

from shared.expressions import SCALE, Schema
from shared.expressions.clickhouse import Layout
from shared.expressions.clickhouse_functions import functions, quoted


def priced(schema: Schema) -> Layout:
    """The layout whose amounts are converted record by record; without a rate an amount is empty, never guessed."""
    base, zone = quoted(schema.base_currency), quoted(schema.timezone)
    divide = functions(schema.timezone)["divide"]
    known = _courses(base)

    def base_amount(amount: str, currency: str, alias: str) -> str:
        day = f"toString(toDate32(toTimeZone({alias}.created_at, {zone})))"
        latest = f"arrayFirst(x -> ifNull(x.2 <= {day}, false), {known}[ifNull({currency}, '')])"
        converted = divide(f"({amount} * {latest}.3)", f"{latest}.4")
        return f"(CASE WHEN ifNull({currency}, {base}) = {base} THEN {amount} ELSE {converted} END)"

    return Layout(base_amount=base_amount)


def _courses(base: str) -> str:
    """A map from each currency to its rates, those of the pair itself before those of the inverse, the latest first."""
    one = f"toDecimal256(1, {SCALE})"
    table = "FROM rate FINAL WHERE"
    direct = f"SELECT `from` AS currency, 0 AS inverse, `date`, rate AS times, {one} AS over {table} `to` = {base}"
    rows = f"{direct} UNION ALL SELECT `to`, 1, `date`, {one}, rate {table} `from` = {base}"
    course = "arrayReverseSort(x -> (-x.1, x.2), groupArray((inverse, `date`, times, over)))"
    courses = f"SELECT currency, {course} AS course FROM ({rows}) GROUP BY currency"
    return f"(SELECT mapFromArrays(groupArray(CAST(currency, 'String')), groupArray(course)) FROM ({courses}))"
