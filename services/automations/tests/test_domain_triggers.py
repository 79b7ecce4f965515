"""Which events a trigger waits for, and what its configuration may say."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from automations.domain.clause import Misconfigured
from automations.domain.clauses import read
from automations.domain.happening import happening_of
from automations.domain.rules import RuleSettings
from automations.domain.trigger import EventTrigger
from automations.domain.triggers import EVENT_TYPES, TIMER_TYPES, TYPES
from shared.contracts.records import (
    ActivityLogged,
    ButtonPressed,
    Change,
    ConsentChanged,
    FormSubmitted,
    ProjectChanged,
    RecordCreated,
    RecordMoved,
    RecordSnapshot,
    RecordUpdated,
)

Record = Callable[..., RecordSnapshot]
Call = Callable[..., ActivityLogged]


def trigger(**configuration: Any) -> EventTrigger:
    found = read(configuration, TYPES, "trigger")
    assert isinstance(found, EventTrigger)
    return found


def moved(record: RecordSnapshot, from_list: str, to_list: str) -> Any:
    return happening_of(RecordMoved(record=record, from_list=from_list, to_list=to_list), "e1")


def test_a_file_in_the_folder_is_a_trigger_type() -> None:
    records = {"record.created", "record.moved", "record.updated", "field.changed", "tag.added", "tag.removed"}
    assert set(EVENT_TYPES) == records | {
        "assignee.changed",
        "activity.logged",
        "form.submitted",
        "button.pressed",
        "consent.changed",
        "call.ended",
        "call.missed",
    }
    assert set(TIMER_TYPES) == {"record.inactive", "record.time_in_list_exceeded"}


def test_a_move_is_matched_by_where_it_went(record: Record) -> None:
    into = trigger(type="record.moved", to=["won", "lost"])
    assert into.matches(moved(record(list="won"), "sent", "won"))
    assert not into.matches(moved(record(list="sent"), "talking", "sent"))


def test_a_move_is_matched_by_where_it_came_from(record: Record) -> None:
    out_of = trigger(type="record.moved", **{"from": "new"})
    assert out_of.matches(moved(record(list="talking"), "new", "talking"))
    assert not out_of.matches(moved(record(list="new"), "talking", "new"))


def test_a_move_without_lists_is_any_move(record: Record) -> None:
    assert trigger(type="record.moved").matches(moved(record(), "talking", "new"))


def test_a_new_record_is_matched_by_its_list(record: Record) -> None:
    created = happening_of(RecordCreated(record=record()), "e1")
    assert trigger(type="record.created", lists=["new"]).matches(created)
    assert not trigger(type="record.created", lists=["won"]).matches(created)


def test_an_imported_record_is_ignored_unless_asked_for(record: Record, monday: datetime) -> None:
    created = happening_of(RecordCreated(record=record(imported=True)), "e1")
    waits = trigger(type="record.created")
    assert waits.ignores(created, RuleSettings(), monday) == "imported"
    assert waits.ignores(created, RuleSettings(run_on_import=True), monday) is None


@pytest.mark.parametrize(
    ("narrowed", "matches"),
    [
        ({}, True),
        ({"direction": "inbound"}, True),
        ({"direction": ["outbound"]}, False),
        ({"outcome": ["answered", "voicemail"]}, True),
        ({"outcome": "missed"}, False),
        ({"queue": "support"}, False),
    ],
)
def test_a_call_is_matched_by_what_it_was(record: Record, logged_call: Call, narrowed: Any, matches: Any) -> None:
    happening = happening_of(logged_call(record()), "e1")
    assert trigger(type="call.ended", **narrowed).matches(happening) is matches


def test_a_comment_is_no_call(record: Record, logged_call: Call) -> None:
    logged = logged_call(record())
    comment = logged.activity.model_copy(update={"type": "comment", "call": None})
    assert not trigger(type="call.ended").matches(happening_of(logged.model_copy(update={"activity": comment}), "e1"))


def test_a_call_of_yesterday_is_history_unless_asked_for(record: Record, logged_call: Call, monday: datetime) -> None:
    waits, happening = trigger(type="call.ended"), happening_of(logged_call(record()), "e1")
    late = monday + timedelta(hours=25)
    assert waits.ignores(happening, RuleSettings(), monday + timedelta(hours=23)) is None
    assert waits.ignores(happening, RuleSettings(), late) == "history"
    assert waits.ignores(happening, RuleSettings(run_on_history=True), late) is None


@pytest.mark.parametrize(
    ("configuration", "pointer", "says"),
    [
        ({"type": "record.vanished"}, "/type", "'record.vanished' is not built"),
        ({}, "/type", "needs a type"),
        ({"type": "record.moved", "into": ["won"]}, "/into", "'into' is not built"),
        ({"type": "record.inactive", "for": "soon"}, "/for", "duration"),
        ({"type": "record.inactive", "for": "-P1D"}, "/for", "greater than"),
        ({"type": "call.ended", "direction": "sideways"}, "/direction/0", "'inbound' or 'outbound'"),
    ],
)
def test_a_mistake_is_named_with_its_place(configuration: Any, pointer: str, says: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read(configuration, TYPES, "trigger")
    assert [each.pointer for each in caught.value.errors] == [pointer]
    assert says in caught.value.errors[0].detail


def test_a_list_that_is_not_there_is_named(deals: ProjectChanged) -> None:
    (error,) = trigger(type="record.moved", to=["won", "shipped"]).problems(deals)
    assert error.pointer == "/to/1"
    assert error.detail == "Project 'deals' has no list 'shipped'."


def updated(record: RecordSnapshot, **changes: tuple[Any, Any]) -> Any:
    told = {key: Change(before=before, after=after) for key, (before, after) in changes.items()}
    return happening_of(RecordUpdated(record=record, changes=told), "e1")


def test_a_change_of_a_field_is_matched_by_its_key(record: Record) -> None:
    address = trigger(type="field.changed", fields=["amount", "title"])
    assert address.matches(updated(record(), title=("Ten seats", "Twelve seats")))
    assert address.matches(updated(record(), amount=({"amount": "1.00", "currency": "EUR"}, None)))
    assert not address.matches(updated(record(), region=(None, "north")))


def test_a_computed_field_is_never_changed_itself(deals: ProjectChanged) -> None:
    (error,) = trigger(type="field.changed", fields=["customer_name"]).problems(deals)
    assert (error.pointer, "computed" in error.detail) == ("/fields/0", True)
    (error,) = trigger(type="field.changed", fields=["nonsense"]).problems(deals)
    assert "has no field 'nonsense'" in error.detail


def test_tags_are_matched_as_they_come_and_go(record: Record) -> None:
    added, removed = trigger(type="tag.added", tags="seo"), trigger(type="tag.removed")
    assert added.matches(updated(record(), tags=(["web"], ["web", "seo"])))
    assert not added.matches(updated(record(), tags=(["web", "seo"], ["seo"])))
    assert removed.matches(updated(record(), tags=(["web", "seo"], ["seo"])))
    assert not removed.matches(updated(record(), title=("a", "b")))


def test_an_assignment_is_matched_by_who_got_or_lost_it(record: Record) -> None:
    ann = trigger(type="assignee.changed", users=["u-ann"])
    assert ann.matches(updated(record(), assignees=(None, ["u-ann"])))
    assert ann.matches(updated(record(), assignees=(["u-ann"], ["u-bob"])))
    assert not ann.matches(updated(record(), assignees=(["u-bob"], ["u-cas"])))


def test_a_missed_call_is_an_inbound_one_that_nobody_took(record: Record, logged_call: Call) -> None:
    missed = trigger(type="call.missed")
    assert missed.matches(happening_of(logged_call(record(), outcome="abandoned"), "e1"))
    assert not missed.matches(happening_of(logged_call(record(), outcome="answered"), "e1"))
    assert not missed.matches(happening_of(logged_call(record(), direction="outbound", outcome="failed"), "e1"))


def test_how_long_in_a_list_is_said_once() -> None:
    for configuration in ({}, {"for": "P3D", "per_list": "max_age_days"}):
        with pytest.raises(Misconfigured, match="per_list or for"):
            read({"type": "record.time_in_list_exceeded"} | configuration, TYPES, "trigger")


def test_a_press_is_matched_by_its_button(record: Record) -> None:
    told = happening_of(ButtonPressed(field="ship", record=record(), actor="user:u1"), "e1")
    assert (told.actor, told.depth) == ("user:u1", 0)
    assert trigger(type="button.pressed").matches(told)
    assert trigger(type="button.pressed", buttons="ship").matches(told)
    assert not trigger(type="button.pressed", buttons=["other"]).matches(told)
    assert not trigger(type="form.submitted").matches(told)


def test_an_answer_to_a_form_is_matched_by_its_form(record: Record) -> None:
    told = happening_of(FormSubmitted(id="s1", form="enquiry", project="p", attached=True, record=record()), "e1")
    assert trigger(type="form.submitted").matches(told)
    assert trigger(type="form.submitted", forms="enquiry").matches(told)
    assert not trigger(type="form.submitted", forms=["other"]).matches(told)


def test_a_consent_is_matched_by_what_it_is_for_and_whether_it_was_given(record: Record) -> None:
    said = {"id": "c1", "field": "consents", "option": "e_marketing", "legal_basis": "consent", "source": "web_form"}
    at = datetime.fromisoformat("2026-01-31T09:00:00Z")
    told = happening_of(ConsentChanged(**said, state="withdrawn", at=at, record=record()), "e1")
    assert trigger(type="consent.changed", options="e_marketing", state="withdrawn").matches(told)
    assert not trigger(type="consent.changed", state="given").matches(told)
    assert not trigger(type="consent.changed", options=["phone"]).matches(told)
