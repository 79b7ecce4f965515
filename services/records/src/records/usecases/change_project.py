"""Changing a project, putting it into the trash and taking it out again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from records.domain.schema import KeyTaken, ProjectNotFound, Schema
from records.domain.schema_parts import changed_project
from records.domain.snapshots import project_changed
from records.domain.workspace import check, check_all
from records.storage import schemas, workspaces
from records.usecases.announce import announce
from shared.database import Transaction
from shared.http.etag import require_match


async def change_project(
    transaction: Transaction, reference: str, given: Mapping[str, Any], if_match: str | None
) -> Schema:
    """Its name, its default fields, what its records are called. Raises `Invalid`."""
    workspace = await workspaces.for_change(transaction.connection)
    schema = workspace.schema(reference)
    require_match(if_match, schema.project.version)
    after = changed_project(schema.project, given)
    return schema if after == schema.project else await save_schema(transaction, replace(schema, project=after))


async def delete_project(transaction: Transaction, reference: str, if_match: str | None) -> None:
    """Its records are no longer reached, but kept. Raises `StillNeeded` while another project refers to it."""
    workspace = await workspaces.for_change(transaction.connection)
    schema = workspace.schema(reference)
    require_match(if_match, schema.project.version)
    check_all(workspace.without(schema.project.id))
    gone = replace(schema, project=replace(schema.project, version=schema.project.version + 1))
    await schemas.change_project(transaction.connection, gone.project, deleted_at=transaction.now)
    announce(transaction, project_changed(gone, deleted=True))


async def restore_project(transaction: Transaction, project_id: str) -> Schema:
    """Take a project out of the trash, with all its records. Raises `KeyTaken` where another has its key now."""
    workspace = await workspaces.for_change(transaction.connection)
    schema = await workspaces.deleted(transaction.connection, project_id, workspace.value_lists)
    if schema is None:
        raise ProjectNotFound(f"There is no project '{project_id}' in the trash.")
    if schema.project.key in workspace.by_key:
        raise KeyTaken(f"Another project is called '{schema.project.key}' now; delete it first.")
    check(workspace.with_schemas(schema), schema.project.key)
    return await save_schema(transaction, schema, deleted_at=None)


async def save_schema(transaction: Transaction, schema: Schema, **others: Any) -> Schema:
    """Raise the version of a schema whose parts were changed, and tell it whole."""
    project = replace(schema.project, version=schema.project.version + 1, updated_at=transaction.now)
    await schemas.change_project(transaction.connection, project, **others)
    raised = replace(schema, project=project)
    announce(transaction, project_changed(raised))
    return raised
