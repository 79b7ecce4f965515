"""A set of records of one project that has a name: by what they are, one by one, or made of other selections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.errors import Conflict, NotFound

SelectionKind = Literal["dynamic", "static", "combined"]
# `difference` is what is in the first and in no other; the others as in mathematics.
Compare = Literal["union", "intersection", "difference"]
LONGEST_CHAIN = 8


class SelectionNotFound(NotFound):
    pass


class SelectionCycle(Conflict):
    pass


@dataclass(frozen=True)
class Selection:
    """``criteria`` is a filter of a dynamic one; ``parts`` are the ids of those a combined one is made of.

    Only what a configuration made has a ``key``, by which it knows it again.
    """

    id: str
    project_id: str
    name: str
    kind: SelectionKind
    created_at: datetime
    updated_at: datetime
    criteria: Mapping[str, Any] | None = None
    parts: Sequence[str] = ()
    compare: Compare | None = None
    version: int = 1
    key: str | None = None
