"""Projects in a configuration: their own settings, and how they begin."""

from collections.abc import Mapping, Sequence
from typing import Any

from records.api import nouns
from records.api.nouns import read_as, unusual
from records.api.projects import ProjectIn
from records.domain.pointers import under
from records.domain.schema import Schema
from records.usecases.change_project import change_project
from records.usecases.configure import Nouns
from records.usecases.create_project import create_projects
from shared.database import Transaction
from shared.errors import FieldError, Invalid

PARTS = frozenset({"lists", "fields", "tags"})


def all_nouns() -> Nouns:
    return Nouns(nouns.parts(), _read, _create, _change, PARTS)


async def _read(_: Transaction, schema: Schema) -> dict[str, Any]:
    return unusual(ProjectIn, vars(schema.project))


async def _create(transaction: Transaction, given: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    errors, bodies = list[FieldError](), []
    for place, each in given:
        try:
            bodies.append(read_as(ProjectIn, each).given())
        except Invalid as problem:
            errors += under(place, problem)
    if errors:
        raise Invalid(errors[0].detail, errors)
    await create_projects(transaction, bodies, [place for place, _ in given])


async def _change(transaction: Transaction, key: str, given: Mapping[str, Any]) -> None:
    whole = read_as(ProjectIn, given).model_dump(exclude={"key", *PARTS})
    await change_project(transaction, key, whole, None)
