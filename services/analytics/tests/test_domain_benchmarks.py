"""The catalogue says what its sources say, and answers a question with a row that measures the same."""

import pytest

from analytics.domain.benchmarks import Amount, Benchmark, Book, fitting, matching, read, shipped
from shared.errors import Invalid

ARTICLE = {
    "article.conversion_rate": (0.0235, "X"),
    "article.avg_call_duration": (302, "X"),
    "article.call_dispositions": (None, "D"),
    "article.lead_response.healthcare": (7500, "C"),
    "article.lead_response.telecom": (960, "C"),
    "article.lead_response.small": (2880, "C"),
    "article.lead_response.midmarket": (5880, "C"),
    "article.lead_response.enterprise": (5280, "C"),
    "article.dialing_efficiency": (0.8, "X"),
    "article.pipeline_velocity": (0.0235, "X"),
    "article.appointment_rate": (0.1409, "D"),
    "article.follow_up_rate": (None, "D"),
    "article.asa": (34.4, "D"),
    "article.fcr": ((0.7, 0.75), "C"),
    "article.aht": (360, "C"),
    "article.abandonment_rate": ((0.05, 0.08), "C"),
    "article.csat": ((0.75, 0.8), "C"),
    "article.issue_resolution_rate": ((0.7, 0.79), "X"),
    "article.escalation_rate": (0.1, "D"),
    "article.service_level": (0.8, "C"),
}


def row(name: str) -> Benchmark:
    return next(row for row in shipped() if row.id == name)


def found(metric: str, **question: object) -> str | None:
    match = matching(metric, **question)  # type: ignore[arg-type]
    return match.id if match else None


def test_the_articles_twenty_values_come_first_and_word_for_word() -> None:
    first = shipped()[:20]
    said = {r.id: (r.low if r.low == r.high else (r.low, r.high), r.grade) for r in first}
    assert said == ARTICLE
    assert all(r.says and r.year == 2024 for r in first)
    assert not any(r.id.startswith("article.") for r in shipped()[20:])


def test_what_does_not_measure_what_it_says_is_never_compared() -> None:
    suspicious = [r for r in shipped() if r.grade == "X"]
    assert len(suspicious) == 5
    assert not any(r.comparable for r in suspicious)
    assert all(r.why_not for r in shipped() if not r.comparable)


def test_every_independent_value_names_an_address_and_every_address_is_whole() -> None:
    assert all((r.url or "").startswith("https://") for r in shipped()[20:])


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("10 %", 0.1, 0.01),
        ("2.35 %", 0.0235, 0.0001),
        ("34.4 s", 34.4, 0.1),
        ("6 min", 360, 60),
        ("2 h 5 min", 7500, 60),
        ("29 h 17 min 17 s", 105437, 1),
        ("42 h", 151200, 3600),
        ("74.4", 74.4, 0.1),
    ],
)
def test_an_amount_is_as_exact_as_it_is_written(text: str, value: float, precision: float) -> None:
    amount = Amount.read(text)
    assert (amount.value, amount.precision) == (value, precision)


def test_a_point_is_a_zone_as_wide_as_its_rounding() -> None:
    assert row("article.escalation_rate").zone == pytest.approx((0.095, 0.105))
    assert row("article.aht").zone == (330, 390)


def test_a_range_stays_a_range_and_a_target_a_point() -> None:
    assert row("article.abandonment_rate").zone == (0.05, 0.08)
    assert row("opsdog.aht").zone == (221, 656)
    assert row("opsdog.aht").typical == 438
    assert row("article.service_level").zone == (0.8, 0.8)
    assert row("article.call_dispositions").zone == (None, None)
    assert row("cognism.attempts").parts == (("by_attempt_3", 0.93), ("by_attempt_5", 0.98))


def test_the_well_known_value_answers_where_nothing_is_asked() -> None:
    assert found("asa") == "article.asa"
    assert found("abandonment_rate") == "article.abandonment_rate"
    assert found("aht", statistic="mean") == "article.aht"
    assert found("service_level", limits={"threshold_s": 20}) == "article.service_level"


def test_the_own_region_and_industry_are_nearer_than_the_world() -> None:
    assert found("asa", region="NL") == "kcm.nl.2021.asa"
    assert found("asa", region="UK") == "contactbabel.uk.2023.asa"
    assert found("asa", region="DE") == "article.asa"
    assert found("abandonment_rate", industry="software") == "talkdesk.2015.aband.software"
    assert found("fcr", industry="health_insurance", region="US", variant="survey") == "sqm.fcr.health"
    assert found("fcr", region="US", variant="survey") == "sqm.fcr.good"
    assert found("lead_response_time", segment="small_business") == "article.lead_response.small"


def test_another_definition_is_another_number() -> None:
    assert found("dialing_efficiency", variant="per_dial") == "belkins.connect_per_dial"
    assert found("dialing_efficiency", variant="per_prospect") == "belkins.connect_per_prospect"
    assert found("lead_response_time", statistic="median", region="US") == "insidesales.median"
    assert found("lead_response_time", statistic="mean") == "revenuehero.2024"
    assert found("service_level", limits={"threshold_s": 60}) is None
    assert found("csat", industry="retail", variant="top_2_box") == "article.csat"
    assert found("csat", industry="retail", region="NA", variant="top_box") == "sqm.csat.retail"


def test_a_law_holds_only_where_it_is_one() -> None:
    assert found("outbound_abandon_rate", region="CA") == "dialer.abandon.ca"
    assert found("outbound_abandon_rate") is None
    assert found("outbound_abandon_rate", region="NL") is None


def test_without_a_comparable_row_the_best_other_one_is_shown() -> None:
    match = matching("pipeline_velocity")
    assert match is not None
    assert (match.id, match.comparable) == ("article.pipeline_velocity", False)
    assert found("conversion_rate", variant="per_conversation") == "article.conversion_rate"
    assert found("call_volume") is None


def test_own_targets_come_before_what_others_publish() -> None:
    own = Benchmark(id="7", metric="asa", low=None, high=25.0, grade="own", source="Us")
    assert fitting([*shipped(), own], "asa")[0] is own
    assert own.zone == (None, 25.0)
    assert matching("asa", among=[own]) is own
    assert matching("aht", among=[own]) is None


def test_what_fits_is_in_order_of_its_fit_with_what_cannot_be_compared_last() -> None:
    assert [r.id for r in fitting(shipped(), "aht", region="NL")] == [
        "spangenberg.nl.aht", "article.aht", "opsdog.aht", "ccmag.aht",
    ]  # fmt: skip
    assert [r.id for r in fitting(shipped(), "asa")] == ["article.asa", "talkdesk.2017.asa_ring"]


SMALL = """
metrics: {asa: {unit: seconds, direction: lower}, csat: {unit: ratio, direction: higher}}
broad: [all]
parts_of: {}
sources: {article: {name: An article}}
article:
  - {id: article.asa, metric: asa, value: 34.4 s, grade: D}
independent:
"""


def book_with(line: str) -> Book:
    return read(f"{SMALL}  - {line}\n")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{id: a, metric: asa, value: 12 s, grade: E}", "Grade 'E' is none of A, B, C, D and X."),
        ("{id: a, metric: fame, value: 12 s, grade: A}", "There is no metric 'fame'."),
        ("{id: a, metric: asa, value: 12 s, grade: A, source: me}", "There is no source 'me'."),
        ("{id: a, metric: asa, value: soon, grade: A}", "'soon' is no amount"),
        ("{id: a, metric: asa, value: 12 %, grade: A}", "'12 %' is not in the unit seconds."),
        ("{id: a, metric: asa, value: 9 to 4 s, grade: A}", "'9 to 4 s' ends before it begins."),
        ("{id: a, metric: asa, grade: A}", "A distribution has parts, anything else a value."),
        ("{id: a, metric: asa, value: 12 s, grade: X}", "Say why_not"),
        ("{id: a, metric: csat, unit: index_0_100, value: '74', grade: A}", "Say why_not"),
        ("{id: a, metric: asa, value: 12 s, grade: A, n: 12}", "A sample has both"),
        ("{id: a, metric: asa, value: 12 s, grade: A, kind: percentile}", "A percentile says which one it is"),
        ("{id: a, metric: asa, value: 12 s, grade: A, kind: rumour}", "There is no kind 'rumour'."),
        ("{id: a, metric: asa, value: 12 s, grade: A, colour: red}", "There is no 'colour' in a row."),
        ("{id: article.asa, metric: asa, value: 12 s, grade: A}", "There are two rows 'article.asa'."),
        ("{metric: asa, value: 12 s, grade: A}", "'id' is missing."),
    ],
)
def test_a_mistaken_row_is_refused_with_its_place(line: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        book_with(line)
    assert [(e.pointer, sentence in e.detail) for e in refused.value.errors] == [("/independent/0", True)]
