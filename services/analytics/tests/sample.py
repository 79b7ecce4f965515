"""A sample of sales worked out by hand, another that is made up, and what their charts come to in plain Python."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
CENT = Decimal("0.01")
WEIGHTS = {"proposal_sent": Decimal("0.50"), "contract_out": Decimal("0.90")}
OPEN = ("unqualified", "qualification", "writing_proposal", "proposal_sent", "negotiations", "contract_out")


@dataclass(frozen=True)
class Deal:
    """``entered_at`` is when it came into its list; ``closes`` when it is expected to."""

    id: str
    tags: Sequence[str]
    amount: str | None
    created_at: str
    list: str
    entered_at: str
    confidence: int | None = None
    closes: str | None = None
    currency: str = "EUR"
    lost_reason: str | None = None
    cost: str | None = None


@dataclass(frozen=True)
class Invoice:
    id: str
    amount: str
    list: str
    paid_on: str | None = None
    opportunity: str | None = None


DEALS = (
    Deal(
        "o1", ["branding"], "10000.00", "2024-02-10T09:00:00Z", "closed_won", "2024-03-20T10:00:00Z", 5, cost="6000.00"
    ),
    Deal(
        "o2", ["website"], "25000.00", "2024-03-05T09:00:00Z", "contract_out", "2024-06-01T09:00:00Z", 4, "2024-05-31",
        cost="15000.00",
    ),
    # In Amsterdam this is April already.
    Deal(
        "o3", ["seo"], "4000.00", "2024-03-31T22:30:00Z", "proposal_sent", "2024-06-10T09:00:00Z", 3, "2024-06-15",
        cost="1500.00",
    ),
    Deal(
        "o4", ["website", "seo"], "30000.00", "2024-04-02T09:00:00Z", "closed_won", "2024-04-25T09:00:00Z", 5,
        cost="18000.00",
    ),
    Deal(
        "o5", ["facebook_management"], "5000.00", "2024-04-10T09:00:00Z", "negotiations", "2024-05-20T09:00:00Z", 2,
        "2024-06-01", "USD",
    ),
    Deal("o6", ["branding"], None, "2024-04-11T09:00:00Z", "unqualified", "2024-04-11T09:00:00Z"),
    Deal(
        "o7", ["seo"], "8000.00", "2024-04-15T09:00:00Z", "closed_lost", "2024-05-02T09:00:00Z", 1, lost_reason="price"
    ),
    Deal(
        "o8", ["website"], "12333.33", "2024-04-20T09:00:00Z", "proposal_sent", "2024-05-01T09:00:00Z", 3, "2024-06-30"
    ),
    Deal(
        "o9", ["branding"], "12333.33", "2024-05-03T09:00:00Z", "proposal_sent", "2024-06-15T09:00:00Z", 3, "2024-07-15"
    ),
)  # fmt: skip
INVOICES = (
    Invoice("i1", "6000.00", "paid", "2024-04-05", "o1"),
    Invoice("i2", "4000.00", "paid", "2024-05-10", "o1"),
    Invoice("i3", "15000.00", "overdue", opportunity="o4"),
    Invoice("i4", "15000.00", "paid", "2024-06-01", "o4"),
)
RATE = ("2024-01-01", "USD", Decimal("0.90"))
PROFITS = {"o1": "4000.00", "o2": "10000.00", "o3": "2500.00", "o4": "12000.00"}
EXPECTED = {
    "pipeline_value": "58166.66",
    "active_opportunities": 6,
    "pipeline_generated_per_month": {
        "2024-02": "10000.00", "2024-03": "25000.00", "2024-04": "58833.33", "2024-05": "12333.33",
    },
    "sales_per_month": {"2024-03": "10000.00", "2024-04": "30000.00"},
    "weighted_forecast": "36833.34",
    "weighted_forecast_per_month": {"2024-05": "22500.00", "2024-06": "8166.67", "2024-07": "6166.67"},
    "confidence_forecast": "39000.00",
    "new_opportunities_per_month": {"2024-02": 1, "2024-03": 1, "2024-04": 6, "2024-05": 1},
    "sales_by_type": {"branding": "10000.00", "website": "30000.00", "seo": "30000.00"},
    "deals_by_stage": {
        "unqualified": 1, "proposal_sent": 3, "negotiations": 1, "contract_out": 1, "closed_won": 2, "closed_lost": 1,
    },
    "actual_revenue_per_month": {"2024-04": "6000.00", "2024-05": "4000.00", "2024-06": "15000.00"},
    "actual_revenue_total": "25000.00",
    "win_rate": "66.67",
    "lost_by_reason": {"price": 1},
}  # fmt: skip


def plain(chart: dict[str, Any]) -> Any:
    """What a chart shows: one value, or the values by label."""
    if "points" in chart:
        return {point["label"]: point["value"] for point in chart["points"]}
    return chart["value"]


MADE_UP_RATES = (
    ("2023-01-01", "USD", Decimal("0.9137")),
    ("2024-02-15", "USD", Decimal("0.8821")),
    ("2023-06-01", "GBP", Decimal("1.1633")),
)


def made_up(dice: random.Random) -> tuple[list[Deal], list[Invoice]]:
    """Two hundred deals of two years, in four currencies, one of them without a rate; sixty invoices."""
    lists = [*OPEN, "closed_won", "closed_lost", "not_applicable"]
    start = datetime(2023, 1, 1, tzinfo=UTC)
    deals = []
    for number in range(200):
        created = start + timedelta(minutes=dice.randrange(2 * 365 * 24 * 60))
        entered = created + timedelta(minutes=dice.randrange(90 * 24 * 60))
        stage = dice.choice(lists)
        tags = dice.sample(["branding", "website", "seo", "facebook_management"], dice.randrange(4))
        amount = f"{dice.randrange(1, 5_000_000) / 100:.2f}" if dice.random() < 0.9 else None
        closes = (created + timedelta(days=dice.randrange(200))).date().isoformat() if dice.random() < 0.8 else None
        reason = dice.choice(["price", "timing", "scope", None]) if stage == "closed_lost" else None
        currency = dice.choices(["EUR", "USD", "GBP", "SEK"], [6, 2, 2, 1])[0]
        confidence = dice.choice([None, 0, 1, 2, 3, 4, 5])
        deals.append(
            Deal(f"d{number}", tags, amount, _rfc(created), stage, _rfc(entered), confidence, closes, currency, reason)
        )
    invoices = [
        Invoice(f"n{number}", f"{dice.randrange(1, 900_000) / 100:.2f}", dice.choice(["paid", "sent", "overdue"]),
                (date(2024, 1, 1) + timedelta(days=dice.randrange(400))).isoformat())
        for number in range(60)
    ]  # fmt: skip
    return deals, invoices


Rates = Sequence[tuple[str, str, Decimal]]


def computed(deals: Sequence[Deal], invoices: Sequence[Invoice], rates: Rates) -> dict[str, Any]:
    """The same charts, without any of our code."""
    worth = {each.id: in_euro(each, rates) for each in deals}
    open_ = [each for each in deals if each.list in OPEN]
    won = [each for each in deals if each.list == "closed_won"]
    lost = [each for each in deals if each.list == "closed_lost"]
    paid = [each for each in invoices if each.list == "paid"]

    def amount(each: Deal) -> Decimal | None:
        return worth[each.id]

    def confident(each: Deal) -> Decimal | None:
        value = exact_euro(each, rates)
        return None if value is None or each.confidence is None else cents(value * each.confidence / 5)

    def weighted(each: Deal) -> Decimal | None:
        value, weight = exact_euro(each, rates), WEIGHTS.get(each.list)
        return None if value is None or weight is None else cents(value * weight)

    return {
        "pipeline_value": text(total(map(amount, open_))),
        "active_opportunities": len(open_),
        "pipeline_generated_per_month": sums((month(each.created_at), amount(each)) for each in deals),
        "sales_per_month": sums((month(each.entered_at), amount(each)) for each in won),
        "weighted_forecast": text(total(map(weighted, open_))),
        "weighted_forecast_per_month": sums((each.closes[:7], weighted(each)) for each in open_ if each.closes),
        "confidence_forecast": text(total(map(confident, open_))),
        "new_opportunities_per_month": counts(month(each.created_at) for each in deals),
        "sales_by_type": sums((tag, amount(each)) for each in won for tag in each.tags or [None]),
        "deals_by_stage": counts(each.list for each in deals),
        "actual_revenue_per_month": sums(((each.paid_on or "")[:7], Decimal(each.amount)) for each in paid),
        "actual_revenue_total": text(total(Decimal(each.amount) for each in paid)),
        "win_rate": text(Decimal(100 * len(won)) / (len(won) + len(lost))),
        "lost_by_reason": counts(each.lost_reason for each in lost),
    }


def exact_euro(deal: Deal, rates: Rates) -> Decimal | None:
    """By the latest rate up to the day it was made, in Amsterdam."""
    if deal.amount is None:
        return None
    if deal.currency == "EUR":
        return Decimal(deal.amount)
    day = local(deal.created_at).date().isoformat()
    known = [rate for since, currency, rate in sorted(rates) if currency == deal.currency and since <= day]
    return Decimal(deal.amount) * known[-1] if known else None


def in_euro(deal: Deal, rates: Rates) -> Decimal | None:
    exact = exact_euro(deal, rates)
    return None if exact is None else cents(exact)


def local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(ZONE)


def month(moment: str) -> str:
    return f"{local(moment):%Y-%m}"


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def text(value: Decimal) -> str:
    return str(cents(value))


def total(values: Iterable[Decimal | None]) -> Decimal:
    return sum((each for each in values if each is not None), Decimal(0))


def sums(pairs: Iterable[tuple[str | None, Decimal | None]]) -> dict[str | None, str]:
    found: dict[str | None, Decimal] = defaultdict(Decimal)
    for label, value in pairs:
        if value is not None:
            found[label] += value
    return {label: text(value) for label, value in found.items()}


def counts(labels: Iterable[str | None]) -> dict[str | None, int]:
    found: dict[str | None, int] = defaultdict(int)
    for label in labels:
        found[label] += 1
    return dict(found)


def _rfc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
