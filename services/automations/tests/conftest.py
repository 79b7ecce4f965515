"""A small workspace for the tests: opportunities of customers, four people, and the events that tell of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from automations.domain.rules import Rule
from automations.domain.workspace import Workspace, workspace_of
from shared.contracts.calls import CallSnapshot
from shared.contracts.records import (
    Activity,
    ActivityLogged,
    FieldSchema,
    ListSchema,
    ProjectChanged,
    RecordSnapshot,
    UserChanged,
)

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MIGRATIONS = Path(__file__).parents[1] / "migrations"

CUSTOMERS = ProjectChanged(
    id="p-customers",
    key="customers",
    name="Customers",
    lists=[ListSchema(key="customers", name="Customers", category="neutral", position=0)],
    fields=[
        FieldSchema(key="phone", name="Phone", type="phone", kind="text"),
        FieldSchema(key="industry", name="Industry", type="select", kind="option"),
    ],
    tags=[],
    version=1,
)
STAGES = {"new": "open", "talking": "open", "sent": "open", "won": "won", "lost": "lost"}
DEALS = ProjectChanged(
    id="p-deals",
    key="deals",
    name="Deals",
    lists=[
        ListSchema(key=key, name=key.title(), category=category, position=position)
        for position, (key, category) in enumerate(STAGES.items())
    ],
    fields=[
        FieldSchema(key="amount", name="Amount", type="currency", kind="money", config={"currency": "EUR"}),
        FieldSchema(key="region", name="Region", type="select", kind="option"),
        FieldSchema(key="customer", name="Customer", type="reference", kind="link", config={"project": "customers"}),
        FieldSchema(key="customer_name", name="Name", type="lookup", kind=None, config={"path": ["customer", "title"]}),
        FieldSchema(
            key="customer_industry",
            name="Industry",
            type="lookup",
            kind=None,
            config={"path": ["customer", "industry"]},
        ),
    ],
    tags=[],
    version=1,
)


def _record(**changes: Any) -> RecordSnapshot:
    project: ProjectChanged = changes.pop("project", DEALS)
    stage = changes.get("list", project.lists[0].key)
    category = next(each.category for each in project.lists if each.key == stage)
    values = {
        "id": "r1",
        "project": project.id,
        "project_key": project.key,
        "list": stage,
        "list_category": category,
        "title": "Twelve seats",
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "entered_list_at": MONDAY,
        "last_activity_at": MONDAY,
        "version": 1,
    }
    return RecordSnapshot(**(values | changes))


def _rule(**changes: Any) -> Rule:
    values: dict[str, Any] = {
        "id": "01900000-0000-7000-8000-000000000001",
        "name": "A rule",
        "project": "deals",
        "trigger": {"type": "record.moved"},
        "actions": ({"type": "post_comment", "body": "Moved"},),
        "enabled_at": MONDAY,
    }
    return Rule(**(values | changes))


def _call(record: RecordSnapshot, **changes: Any) -> ActivityLogged:
    values: dict[str, Any] = {
        "id": "c1",
        "connection": "line",
        "provider": "aircall",
        "provider_call_id": "42",
        "version": 3,
        "first_seen_at": MONDAY,
        "direction": "inbound",
        "status": "ended",
        "outcome": "answered",
        "ended_at": MONDAY,
    }
    call = CallSnapshot(**(values | changes))
    activity = Activity(id=f"a-{call.id}", type="call", at=call.ended_at or MONDAY, actor=f"call:{call.id}", call=call)
    return ActivityLogged(activity=activity, record=record)


PEOPLE = [
    UserChanged(id="u-ann", name="Ann", email="ann@example.org", teams=["sales"], skills=["north"], version=1),
    UserChanged(id="u-bob", name="Bob", email="bob@example.org", teams=["sales"], skills=["south"], version=1),
    UserChanged(id="u-cas", name="Cas", email="cas@example.org", teams=["sales", "managers"], version=1),
    UserChanged(id="u-off", name="Off", email="off@example.org", teams=["sales"], active=False, version=1),
]


@pytest.fixture(scope="session")
def record() -> Callable[..., RecordSnapshot]:
    """Makes a record; a deal unless told otherwise."""
    return _record


@pytest.fixture(scope="session")
def rule() -> Callable[..., Rule]:
    return _rule


@pytest.fixture(scope="session")
def logged_call() -> Callable[..., ActivityLogged]:
    return _call


@pytest.fixture(scope="session")
def customers() -> ProjectChanged:
    return CUSTOMERS


@pytest.fixture(scope="session")
def deals() -> ProjectChanged:
    return DEALS


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    return workspace_of([CUSTOMERS, DEALS], "EUR", "Europe/Amsterdam")


@pytest.fixture(scope="session")
def people() -> list[UserChanged]:
    """Ann, Bob and Cas sell; Cas manages; Off has left."""
    return PEOPLE


@pytest.fixture(scope="session")
def monday() -> datetime:
    return MONDAY
