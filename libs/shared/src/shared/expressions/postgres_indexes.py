"""Expression indexes: which one a sort or a condition would be served by, with the same text as its query.

An index is on one record's own values. What a reference leads to is found from the other end: by an index on the
records it leads to. What changes with the time, with rates or with other records can have none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from shared.expressions.operators import lower
from shared.expressions.postgres import Layout, Query
from shared.expressions.schema import Kind, Schema
from shared.expressions.sql_parts import Place, Scope
from shared.expressions.tree import All, AnyOf, Condition, Filter, OneOf, Operand, Range, Sort, StartsWith, Test

MOMENTS = datetime(2001, 2, 3, tzinfo=UTC), datetime(2002, 3, 4, tzinfo=UTC)
ENDS = {False: "", True: " DESC NULLS LAST"}


@dataclass(frozen=True)
class FieldIndex:
    """``project`` is a key; ``keys`` is what stands in the parentheses of its definition."""

    project: str
    project_id: str
    field: str
    keys: str

    @property
    def name(self) -> str:
        return f"field_{sha256(f'{self.project_id} {self.keys}'.encode()).hexdigest()[:24]}"

    def definition(self, table: str) -> str:
        """The statement that makes it, without hindering those who write."""
        living = f"project_id = '{self.project_id}'::uuid AND deleted_at IS NULL"
        return f"CREATE INDEX CONCURRENTLY {self.name} ON {table} ({self.keys}) WHERE {living}"


def for_sort(sort: Sort, schema: Schema, layout: Layout) -> FieldIndex | None:
    """What the records can be read from in this order."""
    return _index(sort.operand, schema, layout, end=ENDS[sort.descending], ordered=True)


def for_filter(tree: Filter, schema: Schema, layout: Layout) -> Iterator[FieldIndex]:
    """What the conditions that all have to hold can be found by."""
    match tree:
        case All(conditions):
            for each in conditions:
                yield from for_filter(each, schema, layout)
        case AnyOf((one,)):
            yield from for_filter(one, schema, layout)
        case Condition():
            yield from for_filter(lower(tree, MOMENTS[0], schema.zone), schema, layout)
        case Test(operand, OneOf() | Range() | StartsWith()) if operand.kind is not Kind.BOOLEAN:
            found = _index(operand, schema, layout)
            if found:
                yield found


def of_field(operand: Operand, schema: Schema, layout: Layout) -> Iterator[FieldIndex]:
    """All that an own field of a project can have, whoever asks for it, and from wherever."""
    for behind in (False, True):
        for end in ENDS.values():
            for ordered in (True, False):
                found = _index(operand, schema, layout, end=end, ordered=ordered, behind=behind)
                if found:
                    yield found


def _index(
    operand: Operand, schema: Schema, layout: Layout, *, end: str = "", ordered: bool = False, behind: bool = False
) -> FieldIndex | None:
    behind = behind or bool(operand.hops)
    known = (operand.project, operand.field, operand.kind, operand.many, layout, end, ordered, behind)
    if known not in schema.indexes:
        schema.indexes[known] = _settled(operand, schema, layout, end=end, ordered=ordered, behind=behind)
    found: FieldIndex | None = schema.indexes[known]
    return found


def _settled(
    operand: Operand, schema: Schema, layout: Layout, *, end: str, ordered: bool, behind: bool
) -> FieldIndex | None:
    if operand.many:
        return None
    own = replace(operand, hops=())
    written = {_written(own, schema, layout, now, behind=behind, ordered=ordered) for now in MOMENTS}
    if len(written) > 1 or None in written:
        return None
    project = schema.project(operand.project)
    return FieldIndex(project.key, project.id, operand.field, f"({written.pop()}){end}, id")


def _written(
    operand: Operand, schema: Schema, layout: Layout, now: datetime, *, behind: bool, ordered: bool
) -> str | None:
    """The value's text over the table itself; None where it takes more than one record."""
    query = Query(schema, operand.project, layout, now=now)
    place = Place(layout.record.fullname, operand.project, Scope())
    query.root = query.root if behind else place
    value = query.comparable(operand, query.compile(operand, place), place)
    if place.scope.joins or "SELECT" in value:
        return None
    return query.in_order(value, operand.kind) if ordered else value
