"""Whether a rule runs, and why: the same question always has the same answer, and the reasons add up to it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from automations.domain.clause import Misconfigured
from automations.domain.decide import Decision, Sight, decide
from automations.domain.happening import happening_of
from automations.domain.reading import problems, read_rule
from automations.domain.rules import Rule
from automations.domain.workspace import Workspace
from shared.contracts.records import RecordMoved, RecordSnapshot
from shared.errors import FieldError

Record = Callable[..., RecordSnapshot]
Make = Callable[..., Rule]
REGIONS = ["north", "south", "moon"]

leaves = st.one_of(
    st.builds(lambda value: {"field": "region", "op": "eq", "value": value}, st.sampled_from(REGIONS)),
    st.builds(lambda value: {"field": "region", "op": "ne", "value": value}, st.sampled_from(REGIONS)),
    st.just({"field": "region", "op": "is_empty"}),
    st.builds(lambda value: {"field": "list", "op": "eq", "value": value}, st.sampled_from(["new", "won"])),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda some: {"all": some}, st.lists(inner, max_size=3)),
        st.builds(lambda some: {"any": some}, st.lists(inner, max_size=3)),
        st.builds(lambda one: {"not": one}, inner),
        st.builds(lambda some: {"none": some}, st.lists(inner, max_size=3)),
    ),
    max_leaves=8,
)


def oracle(tree: dict[str, Any], region: str | None, stage: str) -> bool:
    """The filter language in a few lines."""
    if "field" in tree:
        actual = stage if tree["field"] == "list" else region
        holds = {"is_empty": actual is None, "eq": actual == tree.get("value"), "ne": actual != tree.get("value")}
        return holds[tree["op"]]
    ((word, inside),) = tree.items()
    parts = [oracle(each, region, stage) for each in (inside if isinstance(inside, list) else [inside])]
    return {"all": all(parts), "any": any(parts), "none": not any(parts), "not": not all(parts)}[str(word)]


def decided(rule: Rule, workspace: Workspace, record: RecordSnapshot, now: datetime) -> Decision:
    happening = happening_of(RecordMoved(record=record, from_list="new", to_list=record.list), "e1")
    return decide(read_rule(rule), happening, record, Sight(workspace, now, {}))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(tree=trees, region=st.sampled_from([None, *REGIONS]), stage=st.sampled_from(["new", "won"]))
def test_a_rule_runs_exactly_when_its_condition_holds(
    record: Record, rule: Make, workspace: Workspace, monday: datetime, tree: Any, region: str | None, stage: str
) -> None:
    made = rule(id="", conditions=tree)
    deal = record(list=stage, values={"region": region} if region else {})
    workspace.parsed.clear()
    decision = decided(made, workspace, deal, monday)
    expected = oracle(tree, region, stage)
    assert decision.state == ("running" if expected else "skipped")
    assert decision.reason == (None if expected else "condition_false")
    assert decision == decided(made, workspace, deal, monday + timedelta(days=400))
    for finding in decision.why:
        leaf = {"field": finding.field, "op": finding.op, "value": finding.wanted}
        assert finding.holds == oracle(leaf, region, stage)


def test_a_condition_the_schema_no_longer_bears_out_fails_and_says_so(
    record: Record, rule: Make, workspace: Workspace, monday: datetime
) -> None:
    broken = rule(id="gone", conditions={"field": "colour", "op": "eq", "value": "red"})
    decision = decided(broken, workspace, record(), monday)
    assert decision.state == "failed"
    assert "colour" in str(decision.reason)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    configuration=st.dictionaries(
        st.sampled_from(["type", "to", "from", "for", "lists", "repeat", "skip_when", "direction", "x"]),
        st.one_of(
            st.none(),
            st.integers(),
            st.text(max_size=5),
            st.lists(st.text(max_size=5), max_size=2),
            st.sampled_from(["record.moved", "record.inactive", "record.created", "call.ended", "P1D"]),
            st.dictionaries(st.sampled_from(["every", "max", "field"]), st.integers() | st.just("P1D"), max_size=2),
        ),
        max_size=4,
    )
)
def test_any_trigger_is_read_or_refused_with_a_place(rule: Make, workspace: Workspace, configuration: Any) -> None:
    errors: Sequence[FieldError]
    try:
        errors = problems(read_rule(rule(trigger=configuration)), workspace)
    except Misconfigured as refused:
        errors = refused.errors or [FieldError("", "nothing said")]
    assert all(each.pointer.startswith("/trigger") and each.detail for each in errors)
