"""Filters and values in Python, over record snapshots: dicts as of ``RecordSnapshot.model_dump(mode="json")``.

A linked record is asked of ``Context.resolve``, which answers from what was loaded before.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.expressions.fields import computed_operands, find_operand
from shared.expressions.operators import lower
from shared.expressions.python_values import Context, Snapshot, comparable, found, to_json
from shared.expressions.schema import Kind
from shared.expressions.tree import (
    All,
    AnyOf,
    Condition,
    Contains,
    Filter,
    Finding,
    IsEmpty,
    Money,
    Not,
    OneOf,
    Operand,
    Predicate,
    Range,
    Related,
    Sort,
    StartsWith,
    Test,
    Value,
    conditions_in,
)

__all__ = ["Context", "Snapshot", "computed", "explain", "holds", "sort", "value"]


def holds(tree: Filter, record: Snapshot, context: Context) -> bool:
    """Whether a filter lets the record pass."""
    match tree:
        case All(conditions):
            return all(holds(condition, record, context) for condition in conditions)
        case AnyOf(conditions):
            return any(holds(condition, record, context) for condition in conditions)
        case Not(condition):
            return not holds(condition, record, context)
        case Condition():
            return holds(lower(tree, context.now, context.schema.zone), record, context)
        case Related(_, project, link):
            return context.referencing(project, link, record["id"])
        case Test(operand, predicate):
            return _test(operand, predicate, record, context)


def explain(tree: Filter, record: Snapshot, context: Context) -> tuple[Finding, ...]:
    """Each condition of the filter, in the order written: what it asked, what stood there, whether it holds."""
    return tuple(_finding(leaf, record, context) for leaf in conditions_in(tree) if not isinstance(leaf, Test))


def _finding(leaf: Condition | Related, record: Snapshot, context: Context) -> Finding:
    held = holds(leaf, record, context)
    if isinstance(leaf, Related):
        return Finding(leaf.pointer, f"{leaf.project}.{leaf.field}", "exists", wanted=True, actual=held, holds=held)
    actual = _present(leaf.operand, record, context)
    return Finding(leaf.pointer, leaf.field, leaf.op, leaf.wanted, actual, held)


def value(name: str, record: Snapshot, context: Context) -> Any:
    """A field's value as canonical JSON, computed if need be; a list where there may be several; None if empty."""
    return _present(find_operand(name, record["project_key"], context.schema), record, context)


def computed(record: Snapshot, context: Context) -> dict[str, Any]:
    """All computed fields of the record as canonical JSON; empty ones are absent."""
    operands = computed_operands(record["project_key"], context.schema)
    values = {key: _present(operand, record, context) for key, operand in operands.items()}
    return {key: value for key, value in values.items() if value not in (None, [])}


def sort(records: Iterable[Snapshot], sorts: Sequence[Sort], context: Context) -> list[Snapshot]:
    """The records in the order of the keys, empties last, equals by id."""
    ordered = sorted(records, key=lambda record: str(record["id"]))
    for key in reversed(sorts):
        known = {id(record): _sort_key(key, record, context) for record in ordered}
        present = [record for record in ordered if known[id(record)] is not None]
        missing = [record for record in ordered if known[id(record)] is None]
        ordered = sorted(present, key=lambda record: known[id(record)], reverse=key.descending) + missing
    return ordered


def _present(operand: Operand, record: Snapshot, context: Context) -> Any:
    values = [to_json(value, context) for _, value in found(operand, record, context)]
    return values if operand.many else next(iter(values), None)


def _sort_key(key: Sort, record: Snapshot, context: Context) -> Any:
    values = (comparable(each, key.operand.kind, place, context) for place, each in found(key.operand, record, context))
    return next(values, None)


def _test(operand: Operand, predicate: Predicate, record: Snapshot, context: Context) -> bool:
    values = found(operand, record, context)
    if isinstance(predicate, IsEmpty):
        return next(values, None) is None
    return any(_passes(each, operand.kind, predicate, place, context) for place, each in values)


def _passes(each: Any, kind: Kind, predicate: Predicate, place: Snapshot, context: Context) -> bool:
    actual = comparable(each, kind, place, context)
    if actual is None:
        return False
    match predicate:
        case OneOf(values):
            return any(actual == _wanted(value, place, context) for value in values)
        case Range(low, high, low_open, high_open):
            above = low is None or _ordered(_wanted(low, place, context), actual, strictly=low_open)
            return above and (high is None or _ordered(actual, _wanted(high, place, context), strictly=high_open))
        case Contains(text):
            return text in actual
        case StartsWith(text):
            return bool(actual.startswith(text))
    raise TypeError(predicate)


def _wanted(value: Value, place: Snapshot, context: Context) -> Any:
    return context.base(value, place) if isinstance(value, Money) else value


def _ordered(first: Any, second: Any, *, strictly: bool) -> bool:
    """Whether the first comes before the second; never where one is empty."""
    if first is None or second is None:
        return False
    return bool(first < second if strictly else first <= second)
