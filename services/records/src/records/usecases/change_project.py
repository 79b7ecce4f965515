"""Renaming a project, or putting it into the trash."""

from dataclasses import replace

from records.domain.schema import Schema, checked_name
from records.domain.snapshots import project_changed
from records.domain.workspace import check_all
from records.storage import schemas, workspaces
from records.usecases.announce import announce
from shared.database import Transaction
from shared.http.etag import require_match


async def rename_project(transaction: Transaction, reference: str, name: str, if_match: str | None) -> Schema:
    workspace = await workspaces.for_change(transaction.connection)
    schema = workspace.schema(reference)
    require_match(if_match, schema.project.version)
    if schema.project.name == checked_name(name):
        return schema
    return await save_schema(transaction, replace(schema, project=replace(schema.project, name=checked_name(name))))


async def delete_project(transaction: Transaction, reference: str, if_match: str | None) -> None:
    """Its records are no longer reached, but kept. Raises `StillNeeded` while another project refers to it."""
    workspace = await workspaces.for_change(transaction.connection)
    schema = workspace.schema(reference)
    require_match(if_match, schema.project.version)
    check_all(workspace.without(schema.project.id))
    gone = replace(schema, project=replace(schema.project, version=schema.project.version + 1))
    await schemas.change_project(transaction.connection, gone.project, deleted_at=transaction.now)
    announce(transaction, project_changed(gone, deleted=True))


async def save_schema(transaction: Transaction, schema: Schema) -> Schema:
    """Raise the version of a schema whose parts were changed, and tell it whole."""
    project = replace(schema.project, version=schema.project.version + 1, updated_at=transaction.now)
    await schemas.change_project(transaction.connection, project)
    raised = replace(schema, project=project)
    announce(transaction, project_changed(raised))
    return raised
