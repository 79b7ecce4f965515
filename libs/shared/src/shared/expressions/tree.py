"""The typed trees that filters and formulas become: plain frozen data, the same for all three backends.

A lookup and a dotted field are one thing here: an `Operand`, the hops to go and the field at the end of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from shared.expressions.schema import Kind


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str


class Back(NamedTuple):
    """The records of a project that link here by a field."""

    project: str
    field: str


Step = str | Back


@dataclass(frozen=True, slots=True)
class Hop:
    """One step through a reference: the link field's key and the key of the project it leads to.

    With ``back`` the reference is theirs: the step leads to the records of ``project`` that link here by ``field``.
    """

    field: str
    project: str
    multiple: bool = False
    back: bool = False

    @property
    def step(self) -> Step:
        """What has to be loaded to take it: the links of a field, or the records that link back."""
        return Back(self.project, self.field) if self.back else self.field


@dataclass(frozen=True, slots=True)
class Operand:
    """A field of the record itself, or of one that its references lead to.

    ``kind`` is of a single value; with ``many`` there may be several, and a condition holds if it holds for any.
    ``formula`` is the typed tree of a formula field, whose own operands start at ``project``'s record.
    """

    project: str
    field: str
    kind: Kind
    hops: tuple[Hop, ...] = ()
    many: bool = False
    formula: "Expression | None" = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: str, Decimal, bool; a date is its ISO text. None is the empty value."""

    value: str | Decimal | bool | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Call:
    """One of the primitive functions of `shared.expressions.functions`, with arguments of the kinds it wants.

    ``weight`` and ``depth`` are of the whole tree below, with the formulas of its operands in it: they are what
    evaluating or compiling it costs. Make one with `call`.
    """

    function: str
    arguments: "tuple[Expression, ...]"
    kind: Kind
    weight: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Rollup:
    """What the records at the end of a hop that pass ``filter`` come to: the values of ``operand``, put together.

    Money comes out in the base currency; empty where one of them has no rate. ``level`` counts rollups in rollups.
    """

    hop: Hop
    function: str
    operand: Operand | None
    filter: "Filter"
    kind: Kind
    weight: int = 1
    depth: int = 1
    level: int = 1


@dataclass(frozen=True, slots=True)
class Stage:
    """When the record first (or last) entered (or left) a list."""

    list: str
    left: bool = False
    last: bool = False
    kind: Kind = Kind.DATETIME


@dataclass(frozen=True, slots=True)
class Stay:
    """How many seconds it spent in a list, all stays together, up to now."""

    list: str
    kind: Kind = Kind.NUMBER


Expression = Operand | Constant | Call | Rollup | Stage | Stay


def kind_of(expression: Expression) -> Kind:
    """The kind an expression computes with: options, users and places are texts to it."""
    kind = expression.kind
    return Kind.TEXT if kind in (Kind.OPTION, Kind.USER, Kind.PLACE) else kind


# A text (case-folded), an option's key or an id, a number or base amount, a truth value, a date (ISO), a moment.
Value = str | Decimal | bool | datetime | Money


@dataclass(frozen=True, slots=True)
class OneOf:
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``; None is without end, ``open`` ends do not belong to it."""

    low: Value | None = None
    high: Value | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    text: str


@dataclass(frozen=True, slots=True)
class StartsWith:
    text: str


@dataclass(frozen=True, slots=True)
class IsEmpty:
    pass


Predicate = OneOf | Range | Contains | StartsWith | IsEmpty


@dataclass(frozen=True, slots=True)
class Test:
    """What is left of a condition for a backend. Of an empty operand only `IsEmpty` holds."""

    operand: Operand
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Condition:
    """One ``{"field", "op", "value"}`` of a filter, checked. ``pointer`` is its place in the JSON that was parsed.

    ``arguments`` are the values read by the operand's kind; ``wanted`` is the value as written.
    """

    pointer: str
    field: str
    op: str
    operand: Operand
    arguments: tuple[Any, ...] = ()
    wanted: Any = None


@dataclass(frozen=True, slots=True)
class Related:
    """A ``{"relation": "projects.opportunity", "op": "exists"}``: some record of ``project`` references this one."""

    pointer: str
    project: str
    field: str


@dataclass(frozen=True, slots=True)
class All:
    """Holds if all hold; with none of them, always."""

    conditions: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds if one holds; with none of them, never."""

    conditions: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class Not:
    condition: "Filter"


Filter = All | AnyOf | Not | Condition | Related | Test


def conditions_in(tree: Filter) -> Iterator[Condition | Related | Test]:
    """The leaves of a filter, in the order written."""
    if isinstance(tree, All | AnyOf):
        for condition in tree.conditions:
            yield from conditions_in(condition)
    elif isinstance(tree, Not):
        yield from conditions_in(tree.condition)
    else:
        yield tree


@dataclass(frozen=True, slots=True)
class Sort:
    """One key to sort by. Empty values come last in either direction."""

    operand: Operand
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a condition holds or not: what it asked, and what stood there. Values are canonical JSON."""

    pointer: str
    field: str
    op: str
    wanted: Any
    actual: Any
    holds: bool
