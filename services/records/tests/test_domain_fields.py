"""Every field type: what goes in is a canonical value or a named mistake, and what comes out goes in again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.domain import countries
from records.domain.edits import read_edit, refused_changes
from records.domain.fields import FIELD_TYPES
from records.domain.fields.button import Button
from records.domain.fields.unique_id import UniqueId
from records.domain.notation import Notation
from records.domain.record import Record
from records.domain.schema import Field, List, Project, Schema
from records.domain.schema_parts import new_field
from records.domain.value_list import Item, ValueList
from shared.errors import Invalid
from shared.expressions import Kind

USER = "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11"
VALUE_LISTS = {
    "purposes": ValueList("purposes", {}, items=(Item("news", {"en": "News"}), Item("calls", {"en": "Calls"})))
}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "select": {"options": ["North", {"key": "s", "name": "South"}, {"key": "old", "name": "Old", "archived": True}]},
    "multi_select": {"options": ["North", "South"]},
    "consent": {"value_list": "purposes"},
    "reference": {"project": "customers", "multiple": True},
    "lookup": {"path": ["customer", "title"]},
    "formula": {"expression": "{amount} - {cost}"},
    "rollup": {"via": "deals", "fn": "sum", "field": "amount"},
    "referenced_by": {"project": "deals", "field": "customer"},
    "duration": {"start": {"event": "record.created"}, "end": {"event": "record.completed"}},
    "currency_conversion": {"source": "amount", "currency": "EUR"},
    "phone": {"default_region": "NL"},
    "currency": {"currency": "EUR", "per_record_currency": True, "min": -1_000},
    "rating": {"step": "0.5"},
    "number": {"max": "99999999"},
    "file": {"multiple": True},
    "country": {"multiple": True},
    "button": {"confirm": "hard", "phrase": "Ship it"},
    "unique_id": {"prefix": "KANS-"},
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text("0123456789+-.eE:TZ ", max_size=40)
    | st.sampled_from(["2026-02-30", "2026-01-31", "2026-01-31T23:00:00+14:00", "+31 20 123 4567", "jo@example.com"])
    | st.sampled_from(
        [
            "https://example.com",
            "http://[",
            "North",
            "nOrTh",
            "1e5",
            "\ud800",
            "a\x00b",
            USER,
            "0001-01-01",
            "52.1, 5.1",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["amount", "currency", "x", "text", "street", "city", "latitude", "longitude", "id"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=4,
)


def field(kind: str, config: dict[str, Any] | None = None, **parts: Any) -> Field:
    chosen = CONFIGURATIONS.get(kind, {}) if config is None else config
    return new_field({"key": "it", "name": "It", "type": kind, "config": chosen, **parts}, value_lists=VALUE_LISTS)


def refusal_or(attempt: Callable[[], Any]) -> Any:
    """What comes of it, be it an `Invalid`; any other exception is a bug."""
    try:
        return attempt()
    except Invalid as problem:
        return problem


def parse(kind: str, value: object, config: dict[str, Any] | None = None) -> Any:
    of = field(kind, config)
    return of.behaviour.parse(value, of.config)


@pytest.mark.parametrize("kind", FIELD_TYPES)
@settings(max_examples=20)
@given(value=json_values)
def test_any_value_is_stored_canonically_or_refused(kind: str, value: object) -> None:
    of = field(kind)
    stored = refusal_or(lambda: of.behaviour.parse(value, of.config))
    if isinstance(stored, Invalid):
        json.dumps(stored.detail)
        return
    assert of.behaviour.kind is not None
    json.dumps(stored, ensure_ascii=False).encode()
    if stored not in ([], "", None):
        shown = json.loads(json.dumps(of.behaviour.present(stored, of.config)))
        assert of.behaviour.parse(shown, of.config) == stored
        assert of.behaviour.from_text(of.behaviour.to_text(stored, of.config), of.config) == stored


@pytest.mark.parametrize("kind", FIELD_TYPES)
@settings(max_examples=8)
@given(
    config=st.dictionaries(
        st.sampled_from(sorted({name for each in FIELD_TYPES.values() for name in each.settings} | {"x"})),
        json_values,
        max_size=4,
    )
)
def test_any_configuration_is_taken_or_refused_at_its_place(kind: str, config: dict[str, Any]) -> None:
    taken = refusal_or(lambda: field(kind, config))
    if isinstance(taken, Invalid):
        assert all(error.pointer.startswith("/config") for error in taken.errors)
    else:
        json.dumps(taken.config)
        assert taken.behaviour.configure(taken.config) == taken.config


@pytest.mark.parametrize("kind", [Kind(kind) for kind in Kind])
def test_every_kind_has_a_field_type(kind: Kind) -> None:
    assert any(each.kind is kind for each in FIELD_TYPES.values())


@pytest.mark.parametrize(
    ("kind", "given_value", "stored"),
    [
        ("text", "  As written ", "  As written "),
        ("number", 12.5, "12.5"),
        ("number", "0012.50", "12.5"),
        ("number", -0.0, "0"),
        ("number", 1e-7, "0.0000001"),
        ("percent", 21, "21"),
        ("currency", "1234.5", {"amount": "1234.50", "currency": "EUR"}),
        ("currency", 7, {"amount": "7.00", "currency": "EUR"}),
        ("currency", {"amount": "-0.00"}, {"amount": "0.00", "currency": "EUR"}),
        ("currency", {"amount": "5000.00", "currency": "USD"}, {"amount": "5000.00", "currency": "USD"}),
        ("checkbox", False, False),
        ("select", "NORTH", "north"),
        ("select", "South", "s"),
        ("multi_select", ["south", "North", "south"], ["north", "south"]),
        ("phone", "020 123 4567", "+31201234567"),
        ("phone", "0031 20-1234567", "+31201234567"),
        ("phone", "+1 202-555-0147", "+12025550147"),
        ("email", "Jo@Example.COM", "Jo@example.com"),
        ("date", "2026-01-31", "2026-01-31"),
        ("datetime", "2026-01-31T09:30:00+01:00", "2026-01-31T08:30:00Z"),
        ("datetime", "2026-01-31T09:30:00.5Z", "2026-01-31T09:30:00.500000Z"),
        ("rating", 3.5, "3.5"),
        ("user", USER.upper(), USER),
        ("reference", USER, [USER]),
        ("country", ["nl", "Duitsland", "Belgium", "NL"], ["NL", "DE", "BE"]),
        ("location", "52.09070, 5.1214", {"text": "52.0907, 5.1214", "latitude": "52.0907", "longitude": "5.1214"}),
        (
            "location",
            {"text": "Dom", "latitude": 52, "longitude": "5"},
            {"text": "Dom", "latitude": "52", "longitude": "5"},
        ),
        ("address", "Dorpsstraat 1, Utrecht", {"text": "Dorpsstraat 1, Utrecht"}),
        (
            "address",
            {"city": "Utrecht", "street": "Kade 1", "text": "old", "country": "nederland"},
            {"text": "Kade 1, Utrecht, NL", "street": "Kade 1", "city": "Utrecht", "country": "NL"},
        ),
        ("file", {"id": USER.upper(), "name": "a.pdf", "size": 3}, [{"id": USER}]),
    ],
)
def test_a_value_has_one_stored_form(kind: str, given_value: object, stored: object) -> None:
    assert parse(kind, given_value) == stored


@pytest.mark.parametrize(
    ("kind", "refused", "because"),
    [
        ("text", "a\x00b", "control character"),
        ("text", "half \ud83d", "surrogate"),
        ("text", "two\nlines", "line break"),
        ("number", True, "must be a number"),
        ("number", float("nan"), "finite"),
        ("number", 10**50, "sensible size"),
        ("number", "1e5", "must be a number"),
        ("number", "١٢", "must be a number"),
        ("number", "0.12345678901", "10 decimals"),
        ("number", "1234567890123456", "15 digits"),
        ("number", 100_000_000, "at most 99999999"),
        ("currency", "10.001", "at most 2 decimals"),
        ("currency", {"amount": "1", "currency": "XYZ"}, "ISO 4217"),
        ("currency", {"currency": "EUR"}, "must be an amount"),
        ("currency", -1_001, "at least -1000"),
        ("checkbox", "true", "true or false"),
        ("select", "east", "north, s"),
        ("location", "91, 5", "outside"),
        ("location", {"latitude": 1}, "must be a point"),
        ("address", {"planet": "Mars"}, "no part 'planet'"),
        ("address", {"country": "Atlantis"}, "two letters"),
        ("address", {"latitude": "1"}, "or neither"),
        ("country", ["EU"], "two letters"),
        ("file", "x.pdf", "ids of uploaded files"),
        ("button", True, "takes no value"),
        ("phone", "12", "no possible"),
        ("phone", "+31 20 1234567 ext. 3", "extension"),
        ("email", "jo@localhost", "e-mail address"),
        ("url", "javascript:alert(1)", "web address"),
        ("date", "2026-02-30", "no day"),
        ("date", "1850-01-01", "between the years"),
        ("datetime", "2026-01-31T09:30:00", "with its offset"),
        ("rating", 5.5, "at most 5"),
        ("rating", 0.3, "steps of 0.5"),
        ("user", "jo", "a user's id"),
        ("formula", 1, "computed"),
        ("lookup", "x", "computed"),
    ],
)
def test_what_is_refused_says_why(kind: str, refused: object, because: str) -> None:
    with pytest.raises(Invalid, match=because):
        parse(kind, refused)


STRAAT = {"street": "Kade 1", "city": "Utrecht"}


@pytest.mark.parametrize(
    ("kind", "written", "stored"),
    [
        ("number", "1.234,56", "1234.56"),
        ("number", "1,234.56", "1234.56"),
        ("number", "1 234 567", "1234567"),
        ("number", "3,5", "3.5"),
        ("number", "1.234", "1.234"),
        ("percent", "21 %", "21"),
        ("currency", "€ 1.234,50", {"amount": "1234.50", "currency": "EUR"}),
        ("currency", "12.50 USD", {"amount": "12.50", "currency": "USD"}),
        ("checkbox", "Ja", True),
        ("checkbox", "0", False),
        ("date", "31-1-2026", "2026-01-31"),
        ("date", "31/01/26", "2026-01-31"),
        ("date", "31 jan. 2026", "2026-01-31"),
        ("date", "5 mei 2026", "2026-05-05"),
        ("date", "2026-01-31T00:00:00", "2026-01-31"),
        ("datetime", "31-01-2026 9:30", "2026-01-31T09:30:00Z"),
        ("datetime", "2026-01-31", "2026-01-31T00:00:00Z"),
        ("multi_select", "south; NORTH", ["north", "south"]),
        ("country", "Nederland; be", ["NL", "BE"]),
        ("url", "example.com", "https://example.com"),
        ("address", "street: Kade 1; city: Utrecht", STRAAT | {"text": "Kade 1, Utrecht"}),
        ("address", 'street: "Kade; 1"', {"text": "Kade; 1", "street": "Kade; 1"}),
    ],
)
def test_a_cell_is_read_as_people_write(kind: str, written: str, stored: object) -> None:
    of = field(kind)
    assert of.behaviour.from_text(written, of.config) == stored


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["text", "street", "city"]), st.text(';": ae', max_size=6) | st.just("city: x"), max_size=3
    )
)
def test_an_address_survives_a_cell(parts: dict[str, str]) -> None:
    of = field("address")
    stored = of.behaviour.parse(parts, of.config)
    if stored:
        assert of.behaviour.from_text(of.behaviour.to_text(stored, of.config), of.config) == stored


def test_a_notation_settles_what_may_mean_two_things() -> None:
    number, day, moment = field("number", {}), field("date"), field("datetime")
    with pytest.raises(Invalid, match="two numbers"):
        number.behaviour.from_text("1,234", number.config)
    american = Notation(day_first=False, decimal=".", timezone="America/New_York")
    assert number.behaviour.from_text("1,234", number.config, american) == "1234"
    assert number.behaviour.from_text("1.234", number.config, Notation(decimal=",")) == "1234"
    assert day.behaviour.from_text("1/31/2026", day.config, american) == "2026-01-31"
    assert moment.behaviour.from_text("1/31/2026 9:30", moment.config, american) == "2026-01-31T14:30:00Z"


def test_an_archived_option_stays_and_is_not_chosen_anew() -> None:
    region, schema = field("select"), schema_of(field("select"))
    region.behaviour.check_change("old", "old", region.config)
    kept = Record(USER, USER, "open", "A", *(datetime(2024, 1, 1, tzinfo=UTC),) * 4, values={"it": "old"})
    assert refused_changes(read_edit({"values": {"it": "old"}}, schema), kept, schema) == []
    told = refused_changes(read_edit({"values": {"it": "old"}}, schema), None, schema)
    assert [each.pointer for each in told] == ["/values/it"]


def test_a_number_that_was_given_out_is_never_changed() -> None:
    of = field("unique_id")
    of.behaviour.check_change("KANS-1", "KANS-1", of.config)
    of.behaviour.check_change(None, "KANS-1", of.config)
    for before, after in (("KANS-1", None), ("KANS-1", "KANS-2")):
        with pytest.raises(Invalid, match="never changed"):
            of.behaviour.check_change(before, after, of.config)
    assert isinstance(of.behaviour, UniqueId)
    assert of.behaviour.written(7, of.config) == "KANS-00007"
    numbers = [of.behaviour.number_of(each, of.config) for each in ("KANS-00007", "KANS-", "7", f"KANS-{10**15}")]
    assert numbers == [7, None, None, None]


def test_a_button_asks_for_its_confirmation() -> None:
    hard = field("button")
    assert isinstance(hard.behaviour, Button)
    hard.behaviour.check_press({"phrase": "Ship it"}, hard.config)
    with pytest.raises(Invalid, match="phrase"):
        hard.behaviour.check_press({"confirmed": True}, hard.config)
    with pytest.raises(Invalid, match="confirmed"):
        hard.behaviour.check_press({}, {"confirm": "soft"})


def test_the_countries_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(countries.names()) == 250
    assert {"NL", "GB", "TW", "XK"} <= set(countries.names("nl"))


def test_one_link_is_shown_as_an_id_and_several_as_a_list() -> None:
    one = field("reference", {"project": "customers"})
    assert one.behaviour.present([USER], one.config) == USER
    many = field("reference")
    assert many.behaviour.present([USER], many.config) == [USER]
    with pytest.raises(Invalid, match="one record"):
        one.behaviour.parse([USER, USER.replace("1", "2")], one.config)


def test_money_stays_in_its_currency_unless_records_may_choose() -> None:
    with pytest.raises(Invalid, match="EUR only"):
        parse("currency", {"amount": "1", "currency": "USD"}, {"currency": "EUR"})


def test_options_in_use_are_archived_not_removed() -> None:
    before = field("select")
    with pytest.raises(Invalid, match="archived"):
        before.behaviour.reconfigure(before.config, {"options": ["North"]})
    renamed = [{"key": "north", "name": "Noord"}, *before.config["options"][1:]]
    assert before.behaviour.reconfigure(before.config, {"options": renamed})["options"][0]["name"] == "Noord"


@pytest.mark.parametrize(
    "options", [[], ["A", "a"], ["x", {"key": "x", "name": "y"}], ["!"], [{"key": "A", "name": "a"}]]
)
def test_an_option_is_told_apart_from_every_other(options: list[Any]) -> None:
    with pytest.raises(Invalid):
        field("select", {"options": options})


def test_links_that_were_made_stay_valid() -> None:
    before = field("reference")
    with pytest.raises(Invalid, match="stay valid"):
        before.behaviour.reconfigure(before.config, {"project": "customers", "multiple": False})


def test_all_mistakes_of_an_edit_are_told_at_once() -> None:
    schema = schema_of(field("number", {}), field("email", {}, key="mail"))
    with pytest.raises(Invalid) as caught:
        read_edit({"title": " ", "values": {"it": "x", "mail": "y", "no/such~key": 1}, "tags": ["seo"]}, schema)
    assert [error.pointer for error in caught.value.errors] == [
        "/title",
        "/tags/0",
        "/values/it",
        "/values/mail",
        "/values/no~1such~0key",
    ]


def test_nothing_clears_a_field() -> None:
    schema = schema_of(field("text", {}), field("reference", key="ref"))
    edit = read_edit({"values": {"it": "", "ref": None}}, schema)
    assert (edit.values, edit.links) == ({"it": None}, {"ref": ()})


def schema_of(*fields: Field) -> Schema:
    born = datetime(2024, 1, 1, tzinfo=UTC)
    return Schema(Project(USER, "deals", "Deals", 1, born, born), (List("open", "Open", "open"),), fields, ())
