"""An invented but plausible half year of selling, as records' bulk call takes it in from another CRM."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MONTHS = 6
DEALS_A_WEEK = 5
# The way of a deal, with the days it stays at most in each list and the chance that it goes on.
WAY = (
    ("unqualified", 4, 0.80),
    ("qualification", 10, 0.78),
    ("writing_proposal", 8, 0.90),
    ("proposal_sent", 18, 0.70),
    ("negotiations", 16, 0.78),
    ("contract_out", 9, 0.90),
)
SERVICES = ("branding", "website", "seo", "facebook_management")
WANTED = {
    "branding": ("House style", "Rebranding", "Brand guide"),
    "website": ("New website", "Web shop", "Site rebuild"),
    "seo": ("SEO retainer", "Content plan", "Search audit"),
    "facebook_management": ("Campaign management", "Social plan", "Spring campaign"),
}
LOST_REASONS = ("price", "competitor", "timing", "no_budget", "scope", "no_answer")
SOURCES = ("referral", "website", "cold_call", "trade_show")


@dataclass(frozen=True)
class Customer:
    id: str
    name: str


def deals(customers: Sequence[Customer], now: datetime, seed: int = 1) -> list[dict[str, Any]]:
    """Opportunities with their history, oldest first; the same for the same seed and day."""
    chance = random.Random(seed)  # noqa: S311 — play, no secret
    return [_deal(chance, chance.choice(customers), born, now) for born in _births(chance, now)]


def _births(chance: random.Random, now: datetime) -> Iterator[datetime]:
    moment = now - timedelta(days=30.4 * MONTHS)
    while True:
        moment += timedelta(days=chance.expovariate(DEALS_A_WEEK / 7))
        if moment >= now:
            return
        yield moment


def _deal(chance: random.Random, customer: Customer, born: datetime, now: datetime) -> dict[str, Any]:
    service = chance.choice(SERVICES)
    history = list(_history(chance, born, now))
    amount = round(chance.lognormvariate(8.9, 0.7) / 50) * 50
    values = {
        "customer": customer.id,
        "amount": {"amount": f"{amount}.00", "currency": "EUR"},
        "cost": {"amount": f"{round(amount * chance.uniform(0.45, 0.7))}.00", "currency": "EUR"},
        "confidence": chance.randint(1, 5),
        "deal_source": chance.choice(SOURCES),
        "expected_close_date": (born + timedelta(days=chance.randint(30, 75))).date().isoformat(),
    }
    stage, entered = history[-1]
    if stage == "closed_lost":
        values["lost_reason"] = chance.choice(LOST_REASONS)
    return {
        "title": f"{chance.choice(WANTED[service])} for {customer.name}",
        "list": stage,
        "tags": [service],
        "values": values,
        "created_at": born.isoformat(),
        "stage_history": [{"list": each, "entered_at": at.isoformat()} for each, at in history],
        "last_activity_at": min(now, entered + timedelta(days=chance.uniform(0, 5))).isoformat(),
    }


def _history(chance: random.Random, born: datetime, now: datetime) -> Iterator[tuple[str, datetime]]:
    """The lists it was in and when it entered them, up to now."""
    moment = born
    for stage, longest, goes_on in WAY:
        yield stage, moment
        moment += timedelta(days=chance.uniform(0.3, longest))
        if moment >= now:
            return
        if chance.random() > goes_on:
            yield "closed_lost", moment
            return
    yield "closed_won", moment
