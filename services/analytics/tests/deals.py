"""A small pipeline whose every number was worked out by hand: nine deals in the spring of 2024."""

from datetime import UTC, datetime
from typing import Any

from shared.contracts.records import FieldSchema, ListSchema, ProjectChanged, RecordSnapshot, TagSchema

PROJECT = "019a96f0-0000-7000-8000-0000000000b2"
# key, category, forecast weight
LISTS = (
    ("unqualified", "open", None),
    ("proposal_sent", "open", "0.50"),
    ("negotiations", "open", None),
    ("contract_out", "open", "0.90"),
    ("closed_won", "won", None),
    ("closed_lost", "lost", None),
)
TAGS = ("branding", "website", "seo", "facebook_management")
# id, tags, amount, currency, list, entered it, expected to close
DEALS = (
    ("o1", ["branding"], "10000.00", "EUR", "closed_won", "2024-03-20T10:00:00Z", None),
    ("o2", ["website"], "25000.00", "EUR", "contract_out", "2024-06-01T09:00:00Z", "2024-05-31"),
    ("o3", ["seo"], "4000.00", "EUR", "proposal_sent", "2024-06-10T09:00:00Z", "2024-06-15"),
    ("o4", ["website", "seo"], "30000.00", "EUR", "closed_won", "2024-04-25T09:00:00Z", None),
    ("o5", ["facebook_management"], "5000.00", "USD", "negotiations", "2024-05-20T09:00:00Z", "2024-06-01"),
    ("o6", ["branding"], None, "EUR", "unqualified", "2024-04-11T09:00:00Z", None),
    ("o7", ["seo"], "8000.00", "EUR", "closed_lost", "2024-05-02T09:00:00Z", None),
    ("o8", ["website"], "12333.33", "EUR", "proposal_sent", "2024-05-01T09:00:00Z", "2024-06-30"),
    ("o9", ["branding"], "12333.33", "EUR", "proposal_sent", "2024-06-15T09:00:00Z", "2024-07-15"),
)


def project(version: int = 1) -> ProjectChanged:
    fields = {"amount": ("currency", "money"), "expected_close_date": ("date", "date")}
    return ProjectChanged(
        id=PROJECT,
        key="opportunities",
        name="Opportunities",
        lists=[
            ListSchema(key=key, name=key, category=category, position=number, forecast_weight=weight)
            for number, (key, category, weight) in enumerate(LISTS)
        ],
        fields=[FieldSchema(key=key, name=key, type=type_, kind=kind) for key, (type_, kind) in fields.items()],
        tags=[TagSchema(key=key, name=key.replace("_", " ").title()) for key in TAGS],
        version=version,
    )


def deal(name: str, **changed: Any) -> RecordSnapshot:
    """The deal of that name; ``changed`` are fields of the snapshot, or ``amount``."""
    (found,) = (each for each in DEALS if each[0] == name)
    _, tags, amount, currency, stage, entered_at, closes = found
    amount = changed.pop("amount", amount)
    stage = changed.get("list", stage)
    values = {
        "amount": {"amount": amount, "currency": currency} if amount else None,
        "expected_close_date": closes,
    }
    usual: dict[str, Any] = {
        "id": name,
        "project": PROJECT,
        "project_key": "opportunities",
        "list": stage,
        "list_category": next(category for key, category, _ in LISTS if key == stage),
        "title": f"Deal {name}",
        "values": {key: value for key, value in values.items() if value},
        "tags": tags,
        "created_at": datetime(2024, 2, 10, 9, tzinfo=UTC),
        "updated_at": entered_at,
        "entered_list_at": entered_at,
        "last_activity_at": entered_at,
        "version": 1,
    }
    return RecordSnapshot.model_validate(usual | changed)


def deals() -> list[RecordSnapshot]:
    return [deal(name) for name, *_ in DEALS]
