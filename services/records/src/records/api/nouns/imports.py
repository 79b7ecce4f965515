"""Saved ways of importing in a configuration: an import's ``profile`` may name them, as it may those ready-made."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from records.api.nouns import read_as, unusual
from records.api.wire import Body
from records.domain.import_plan import read_plan
from records.domain.importing import OnMatch, UnknownOption
from records.domain.schema import Schema
from records.domain.schema_parts import checked_key
from records.storage import import_profiles, workspaces
from records.usecases.configure import Noun
from shared.database import Transaction


class Saved(Body):
    """As of an import; columns that a file lacks are left out."""

    key: str
    mapping: Annotated[dict[str, str | None], Field(min_length=1)]
    match_on: Sequence[str] = ()
    on_match: OnMatch = "add"
    unknown_option: UnknownOption = "reject_row"
    defaults: Annotated[Mapping[str, str], Field(default_factory=dict)]
    list: str | None = None
    day_first: bool = True
    decimal: Literal[".", ","] | None = None


async def _read(transaction: Transaction, schema: Schema) -> list[dict[str, Any]]:
    found = await import_profiles.of_project(transaction.connection, schema.project.id)
    return [unusual(Saved, {"key": key, **definition}) for key, definition in found.items()]


async def _put(transaction: Transaction, project: str, thing: Mapping[str, Any]) -> None:
    given = read_as(Saved, thing).given()
    workspace = await workspaces.current(transaction.connection)
    schema = workspace.schema(project)
    read_plan(given, list(given["mapping"]), workspace, schema)
    key = checked_key(given.pop("key"))
    await import_profiles.keep(transaction.connection, schema.project.id, key, given)


async def _remove(transaction: Transaction, project: str, key: str) -> None:
    schema = (await workspaces.current(transaction.connection)).schema(project)
    await import_profiles.remove(transaction.connection, schema.project.id, key)


NOUN = Noun("imports", 70, _read, _put, _remove)
