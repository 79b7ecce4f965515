"""What was spent, as SQL: spread over its days, in the base currency. Without a rate it is not counted.

Bound by the server: ``zone``, and ``base``, the base currency.
"""

from analytics.domain.metric import Measure

GROUPS = ("source", "campaign")
_RATES = "(SELECT `from` AS currency, toDate32(`date`) AS day, rate FROM rate FINAL WHERE `to` = {base:String})"
_PERIODS = f"""
    SELECT source, campaign, start_on, dateDiff('day', start_on, end_on) + 1 AS days,
        multiIf(spent.currency = {{base:String}}, toDecimal256(amount, 20),
            rates.rate = 0, NULL, toDecimal256(toDecimal256(amount, 4) * rates.rate, 20)) AS worth
    FROM (SELECT * FROM spend FINAL) AS spent
    ASOF LEFT JOIN {_RATES} AS rates ON spent.currency = rates.currency AND spent.start_on >= rates.day
"""
# A row a day, at its noon.
BY_DAY = f"""(
    SELECT source, campaign, worth / days AS amount,
        toDateTime64(concat(toString(addDays(start_on, number)), ' 12:00:00'), 3, {{zone:String}}) AS at
    FROM ({_PERIODS}) ARRAY JOIN range(toUInt32(days)) AS number
    WHERE isNotNull(worth)
)"""
SPENT = Measure(population="1", numerator="amount", denominator="0", at="at")
