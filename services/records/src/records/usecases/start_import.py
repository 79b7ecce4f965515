"""Taking a file in, and beginning to import it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Row
from uuid_utils.compat import uuid7

from records.domain.import_plan import backdates, read_plan
from records.domain.import_profiles import PROFILES, proposal
from records.domain.importing import Plan
from records.domain.phones import readings
from records.domain.pointers import pointer
from records.domain.schema import Schema
from records.domain.selection import Selection
from records.domain.spreadsheets import Table, read_table
from records.domain.workspace import Workspace
from records.storage import import_profiles, selections, uploads, workspaces
from records.usecases.change_schema import with_a_list
from shared.database import Transaction
from shared.errors import Forbidden, Invalid
from shared.http.authentication import Principal
from shared.jobs import Job, add_job
from shared.privacy.tombstones import everybody

KIND = "import"


async def keep_upload(transaction: Transaction, name: str, content: bytes) -> Row[Any]:
    """Raises `Invalid` or `TooLarge` where it is no table we read."""
    upload_id = str(uuid7())
    table = await _without_the_erased(transaction, await asyncio.to_thread(read_table, content))
    await uploads.add(transaction.connection, upload_id, name[:200], table)
    return await uploads.get(transaction.connection, upload_id)


async def _without_the_erased(transaction: Transaction, table: Table) -> Table:
    """Their numbers and addresses are not even kept with the file; rows in which they stood are rejected."""
    buried = await everybody(transaction.connection)
    if not buried.marks:
        return table
    regions = (await workspaces.current(transaction.connection)).phone_regions
    known = partial(readings, regions=regions)
    return replace(table, rows=iter([buried.masked(cell, known) for cell in row] for row in table.rows))


async def start_import(
    transaction: Transaction, workspace: Workspace, caller: Principal, given: Mapping[str, Any]
) -> Job:
    """The job. Raises `Invalid` with every mistake in what is asked, `Forbidden` for what the caller may not do."""
    workspace, schema = await with_a_list(transaction, workspace, workspace.schema(given["project"]))
    held = await uploads.get(transaction.connection, given["upload"])
    saved = await import_profiles.of_project(transaction.connection, schema.project.id)
    asked = {
        **_proposed(given, held, schema, saved),
        **{name: part for name, part in given.items() if part is not None},
    }
    plan = read_plan(asked, held.columns, workspace, schema)
    _check_rights(plan, workspace, schema, caller)
    only = caller.policy.record_filter(workspace.expressions.projects[schema.project.key])
    selection = None if asked.get("dry_run") else await _selection(transaction, schema, held.name)
    wanted = asked | {"project": schema.project.id, "selection": selection, "only": only}
    return await add_job(transaction, KIND, wanted, key=caller.key_id, total=held.rows)


def _proposed(
    given: Mapping[str, Any], held: Row[Any], schema: Schema, saved: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What is used where nothing was asked for: only a profile says more than the mapping."""
    key = given.get("profile")
    if key is not None and key in saved:
        return {
            **saved[key],
            "mapping": {name: to for name, to in saved[key]["mapping"].items() if name in held.columns},
        }
    if key is not None and key not in PROFILES:
        raise Invalid.at("/profile", f"There is no profile '{key}'; there is {', '.join([*saved, *PROFILES])}.")
    proposed = proposal(held.columns, schema, PROFILES.get(key or ""))
    return proposed if key else {"mapping": proposed["mapping"]}


def _check_rights(plan: Plan, workspace: Workspace, schema: Schema, caller: Principal) -> None:
    if not caller.policy.may("import", schema.project):
        raise Forbidden(f"You may not import into '{schema.project.key}'.")
    changeable = caller.policy.changeable_fields(schema.project, workspace.expressions)
    for number, target in plan.targets.items():
        if target.field is not None and target.field.key not in changeable:
            raise Invalid.at(pointer("mapping", plan.columns[number]), f"You may not change '{target.field.name}'.")
    if backdates(plan) and not caller.policy.may_backdate():
        raise Forbidden("This key lacks the scope 'backdate', which times of the past need.")
    if plan.unknown_option == "create" and not caller.policy.may_configure(schema.project):
        raise Forbidden("Only who may change fields may let an import create options; choose another 'unknown_option'.")


async def _selection(transaction: Transaction, schema: Schema, name: str) -> str:
    """What the import makes and changes is a selection, to be looked at and worked on."""
    now = transaction.now
    made = Selection(str(uuid7()), schema.project.id, f"Import of {name}", "static", now, now)
    await selections.add(transaction.connection, made)
    return made.id
