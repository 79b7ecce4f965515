"""Filters: from the JSON of the filter language to a typed tree. All mistakes of a filter are reported at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.errors import FieldError, Invalid
from shared.expressions.fields import Chain, find_operand, named
from shared.expressions.moments import Relative, read_duration, show
from shared.expressions.operators import OPERATORS, TAKES, Takes, fits
from shared.expressions.schema import Kind, Schema
from shared.expressions.tree import All, AnyOf, Condition, Filter, Not, Operand, Related, Sort
from shared.expressions.values import read_value

MAXIMUM_CONDITIONS = 50
MAXIMUM_DEPTH = 32
MAXIMUM_VALUES = 1_000
MAXIMUM_SORTS = 8
COMBINATIONS = ("all", "any", "none", "not")
NOTHING: Filter = All()


def parse_filter(filter_: Any, project: str, schema: Schema, pointer: str = "/filter") -> Filter:
    """The typed filter on records of the project; None, ``{}`` and ``[]`` let every record pass. Raises `Invalid`."""
    return read_filter(filter_, project, schema, pointer, ())


def read_filter(filter_: Any, project: str, schema: Schema, pointer: str, chain: Chain) -> Filter:
    """As `parse_filter`, while the computed fields of ``chain`` are being resolved."""
    schema.project(project)
    reading = _Reading(project, schema, chain)
    tree = reading.read(filter_, pointer, 1) if filter_ is not None else NOTHING
    if reading.errors:
        raise Invalid(_summary(reading.errors), reading.errors)
    return tree


def _summary(errors: Sequence[FieldError]) -> str:
    return errors[0].detail if len(errors) == 1 else f"The filter has {len(errors)} mistakes."


class _Reading:
    """One filter being read. What cannot be read becomes `NOTHING` in the tree and an error beside it."""

    def __init__(self, project: str, schema: Schema, chain: Chain = ()) -> None:
        self.project = project
        self.chain = chain
        self.schema = schema
        self.errors: list[FieldError] = []
        self.conditions = 0

    def wrong(self, pointer: str, detail: str) -> Filter:
        self.errors.append(FieldError(pointer, detail))
        return NOTHING

    def read(self, node: Any, pointer: str, depth: int) -> Filter:
        if depth > MAXIMUM_DEPTH:
            return self.wrong(pointer, f"The filter is nested deeper than {MAXIMUM_DEPTH}.")
        if isinstance(node, list):
            return All(self.read_all(node, pointer, depth))
        if not isinstance(node, Mapping) or not all(isinstance(key, str) for key in node):
            return self.wrong(pointer, f"{show(node)} is not a condition.")
        if "field" in node:
            return self.read_condition(node, pointer)
        if "relation" in node:
            return self.read_relation(node, pointer)
        parts = tuple(self.read_entry(key, value, f"{pointer}/{_escaped(key)}", depth) for key, value in node.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def read_all(self, nodes: Any, pointer: str, depth: int) -> tuple[Filter, ...]:
        """Of a list the conditions in it, of anything else that one condition."""
        if not isinstance(nodes, list):
            return (self.read(nodes, pointer, depth + 1),)
        found = []
        for number, node in enumerate(nodes):
            found.append(self.read(node, f"{pointer}/{number}", depth + 1))
            if self.conditions > MAXIMUM_CONDITIONS:
                break
        return tuple(found)

    def read_entry(self, key: str, value: Any, pointer: str, depth: int) -> Filter:
        """One of ``all any none not``, or the short form ``{field: value}`` or ``{field: [values]}``."""
        if key in COMBINATIONS:
            return _combined(key, self.read_all(value, pointer, depth))
        op = "in" if isinstance(value, list) else "eq"
        return self.condition(key, op, value, {"": pointer, "field": pointer, "op": pointer, "value": pointer})

    def read_condition(self, node: Mapping[str, Any], pointer: str) -> Filter:
        unknown = [key for key in node if key not in ("field", "op", "value")]
        if unknown:
            return self.wrong(f"{pointer}/{_escaped(unknown[0])}", "A condition has a field, an op and a value.")
        if not isinstance(node["field"], str):
            return self.wrong(f"{pointer}/field", f"{show(node['field'])} is not the key of a field.")
        places = {"": pointer, **{part: f"{pointer}/{part}" for part in ("field", "op", "value")}}
        return self.condition(node["field"], node.get("op"), node.get("value"), places)

    def condition(self, name: str, op: Any, value: Any, places: Mapping[str, str]) -> Filter:
        self.count(places[""])
        try:
            operand = named(name, self.project, self.schema, self.chain)
        except Invalid as problem:
            return self.wrong(places["field"], problem.detail)
        if not isinstance(op, str) or op not in OPERATORS:
            return self.wrong(places["op"], f"There is no operator {show(op)}.")
        if not fits(op, operand):
            return self.wrong(places["op"], f"'{op}' does not fit '{name}', which holds {_described(operand)}.")
        arguments = self.arguments(op, operand, value, places["value"])
        return Condition(places[""], name, op, operand, arguments, value)

    def count(self, pointer: str) -> None:
        self.conditions += 1
        if self.conditions == MAXIMUM_CONDITIONS + 1:
            self.wrong(pointer, f"The filter has more than {MAXIMUM_CONDITIONS} conditions.")

    def arguments(self, op: str, operand: Operand, value: Any, pointer: str) -> tuple[Any, ...]:
        match TAKES[op]:
            case Takes.NOTHING:
                if value is not None:
                    self.wrong(pointer, f"'{op}' takes no value.")
                return ()
            case Takes.DURATION:
                return self.duration(op, value, pointer)
            case Takes.ONE:
                return self.values([value], operand, [pointer])
        if not isinstance(value, list) or len(value) > MAXIMUM_VALUES:
            self.wrong(pointer, f"'{op}' takes a list of at most {MAXIMUM_VALUES} values.")
            return ()
        if TAKES[op] is Takes.TWO and len(value) != 2:  # noqa: PLR2004 — from and to
            self.wrong(pointer, f"'{op}' takes a list of two values: from and to, both included.")
            return ()
        return self.values(value, operand, [f"{pointer}/{number}" for number in range(len(value))])

    def values(self, values: list[Any], operand: Operand, pointers: list[str]) -> tuple[Any, ...]:
        found = []
        for value, pointer in zip(values, pointers, strict=True):
            try:
                found.append(read_value(value, operand, self.schema))
            except Invalid as problem:
                self.wrong(pointer, problem.detail)
        return tuple(found)

    def duration(self, op: str, value: Any, pointer: str) -> tuple[Relative, ...]:
        duration = read_duration(value) if isinstance(value, str) and not value.startswith("-") else None
        if duration is None:
            self.wrong(pointer, f"'{op}' takes a duration of at most a hundred years, such as 'P7D' or 'PT12H'.")
            return ()
        return (duration,)

    def read_relation(self, node: Mapping[str, Any], pointer: str) -> Filter:
        self.count(pointer)
        relation, op = node["relation"], node.get("op")
        if op != "exists" or len(node) > 2:  # noqa: PLR2004 — relation and op
            return self.wrong(f"{pointer}/op", "A relation takes the op 'exists', and nothing else.")
        parts = relation.split(".") if isinstance(relation, str) else []
        project = self.schema.projects.get(parts[0]) if len(parts) == 2 else None  # noqa: PLR2004 — project.field
        field = project.by_key.get(parts[1]) if project else None
        if field is None or field.kind is not Kind.LINK or field.target != self.project:
            detail = f"{show(relation)} is not a reference to project {self.project}: write 'project.field'."
            return self.wrong(f"{pointer}/relation", detail)
        return Related(pointer, parts[0], parts[1])


def _combined(key: str, conditions: tuple[Filter, ...]) -> Filter:
    match key:
        case "all":
            return All(conditions)
        case "any":
            return AnyOf(conditions)
        case "none":
            return Not(AnyOf(conditions))
    return Not(All(conditions))


def _described(operand: Operand) -> str:
    return f"several of kind {operand.kind}" if operand.many and operand.hops else f"kind {operand.kind}"


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def parse_sort(sorts: Any, project: str, schema: Schema, pointer: str = "/sort") -> tuple[Sort, ...]:
    """What to sort by, of ``[{"field", "descending"?}]``. A list sorts by its position, a reference by its title.

    Raises `Invalid`.
    """
    if not isinstance(sorts, list) or len(sorts) > MAXIMUM_SORTS:
        raise Invalid.at(pointer, f"Sort by a list of at most {MAXIMUM_SORTS} fields.")
    return tuple(_sort(entry, project, schema, f"{pointer}/{number}") for number, entry in enumerate(sorts))


def _sort(entry: Any, project: str, schema: Schema, pointer: str) -> Sort:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("field"), str):
        raise Invalid.at(pointer, 'Write {"field": "amount", "descending": true}.')
    descending = entry.get("descending", False)
    if not isinstance(descending, bool) or not set(entry) <= {"field", "descending"}:
        raise Invalid.at(f"{pointer}/descending", "'descending' is true or false.")
    name = entry["field"]
    operand = find_operand(name, project, schema, f"{pointer}/field")
    if operand.field == "list":
        operand = replace(operand, field="list.position", kind=Kind.NUMBER)
    elif operand.kind is Kind.LINK:
        operand = find_operand(f"{name}.title", project, schema, f"{pointer}/field")
    if operand.many:
        raise Invalid.at(f"{pointer}/field", f"'{name}' may hold several values: there is no order to it.")
    return Sort(operand, descending)
