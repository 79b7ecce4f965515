"""Records and templates in plain Python: what is asked for becomes what is meant."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.domain.changes import changes_between
from records.domain.drafts import read_draft, record_from
from records.domain.edits import applied, read_edit
from records.domain.phones import readings
from records.domain.presentation import readers_of
from records.domain.schema import List, Project, Schema, Tag
from records.domain.schema_parts import new_field
from records.domain.versions import first_version, next_version
from shared.expressions import Kind

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
FIELDS: list[dict[str, Any]] = [
    {"key": "amount", "name": "Amount", "type": "currency"},
    {"key": "size", "name": "Size", "type": "number"},
    {"key": "note", "name": "Note", "type": "text"},
    {
        "key": "tax",
        "name": "Tax",
        "type": "formula",
        "config": {"expression": "{size} / 3", "display": {"decimals": 2}},
    },
]
SCHEMA = Schema(
    Project("p", "deals", "Deals", 1, NOW, NOW),
    (List("new", "New", "open"), List("won", "Won", "won")),
    tuple(new_field(each) for each in FIELDS),
    (Tag("seo", "SEO"), Tag("web", "Web")),
)

edits = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["One", "Two"]),
        "tags": st.lists(st.sampled_from(["seo", "Web"]), max_size=2),
        "color": st.sampled_from([None, "red"]),
        "done": st.booleans(),
        "due_at": st.sampled_from([None, "2024-07-01T00:00:00Z"]),
        "values": st.fixed_dictionaries(
            {},
            optional={
                "amount": st.sampled_from([None, "1", "2.50"]),
                "size": st.sampled_from([None, 1, 2.5]),
                "note": st.sampled_from([None, "", "x"]),
            },
        ),
    },
)


def draft(**given_parts: Any) -> Any:
    return record_from(read_draft({"title": "One", **given_parts}, SCHEMA, NOW), SCHEMA, "r", NOW)


@given(first=edits, second=edits)
def test_changes_lead_from_one_version_to_the_next(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Whoever applies the changes of an event to what came before has what came after."""
    before = applied(read_edit(first, SCHEMA), draft(), NOW)
    after = applied(read_edit(second, SCHEMA), before, NOW)
    changes = changes_between(before, after)
    told = {key: change["before"] for key, change in changes_between(None, before).items()}
    assert all(value is None for value in told.values())
    state = {key: change["after"] for key, change in changes_between(None, before).items()}
    for key, change in changes.items():
        assert state.get(key) == change["before"]
        state[key] = change["after"]
    assert {key: value for key, value in state.items() if value is not None} == {
        key: change["after"] for key, change in changes_between(None, after).items()
    }


@given(edit=edits)
def test_the_same_edit_twice_changes_nothing_more(edit: dict[str, Any]) -> None:
    once = applied(read_edit(edit, SCHEMA), draft(), NOW)
    assert changes_between(once, applied(read_edit(edit, SCHEMA), once, NOW)) == {}


def test_versions_count_up() -> None:
    first = first_version(draft())
    second = next_version("updated", first.after, applied(read_edit({"title": "Two"}, SCHEMA), first.after, NOW), NOW)
    assert (first.after.version, second.after.version) == (1, 2)
    assert list(second.changes) == ["title"]


def test_a_past_begins_with_its_first_stay() -> None:
    history = [
        {"list": "new", "entered_at": "2024-02-10T09:00:00Z"},
        {"list": "won", "entered_at": "2024-03-20T10:00:00Z"},
    ]
    record = draft(stage_history=history)
    assert (record.list, record.imported) == ("won", True)
    assert record.created_at == record.stages[0].entered_at
    assert record.stages[0].left_at == record.entered_list_at == record.last_activity_at
    assert record.stages[1].left_at is None


@pytest.mark.parametrize(
    ("value", "shown"), [("0.005", 0.01), ("-0.001", 0), ("2.675", 2.68), ("1" * 30, 1.111111111111111e29)]
)
def test_what_is_computed_is_rounded_half_up_on_display(value: str, shown: float) -> None:
    readers = readers_of(SCHEMA, {"tax": Kind.NUMBER})
    assert readers["tax"](draft(), {"tax": value}) == shown


@given(text=st.text(max_size=70))
def test_any_text_is_read_as_numbers_or_none(text: str) -> None:
    for number in readings(text, frozenset({"NL", "US"})):
        assert number.startswith("+")
        assert readings(number, frozenset()) == [number]
