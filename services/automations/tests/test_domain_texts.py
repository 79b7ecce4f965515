"""Texts with blanks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.domain.texts import blanks, fill, mistake


def test_blanks_are_filled() -> None:
    names = {"record": {"title": "Twelve seats"}, "from_list": {"name": "New"}}
    assert fill("{{record.title}}: {{ from_list.name }}", names, "en") == "Twelve seats: New"


def test_what_is_missing_stays_empty() -> None:
    assert fill("[{{nobody}}][{{nobody.home.here}}][{{call.queue}}]", {"call": {"queue": None}}, "en") == "[][][]"


def test_a_text_speaks_the_language_or_the_first_there_is() -> None:
    text = {"nl": "Bel {{name}}", "en": "Call {{name}}"}
    assert fill(text, {"name": "Ann"}, "en") == "Call Ann"
    assert fill(text, {"name": "Ann"}, "fr") == "Bel Ann"


def test_the_whole_chain_is_asked_for() -> None:
    assert blanks({"nl": "{{customer.title}}", "en": "{{customer_name|default(record.title)}}"}) == {
        "customer.title",
        "customer_name",
        "record.title",
    }


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 999999999 }}",
        "{{ ().__class__.__bases__ }}",
        "{{ record.title() }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ record.title | pprint }}",
        "{% include 'etc' %}",
        "{{ record.title",
    ],
)
def test_a_text_is_no_program(text: str) -> None:
    assert mistake(text)


def test_a_blank_does_not_reach_into_objects() -> None:
    assert fill("{{record.title.upper}}{{record.__class__}}", {"record": {"title": "x"}}, "en") == ""


@settings(max_examples=200, derandomize=True)
@given(st.text(alphabet=st.sampled_from("{}%|.()'*[]abr _-0123,:~"), max_size=40))
def test_any_text_is_refused_or_filled(text: str) -> None:
    if mistake(text) is None:
        assert isinstance(fill(text, {"a": {"b": "x"}}, "en"), str)
