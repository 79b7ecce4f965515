"""Making a document of a record: a template filled in with what its maker may see."""

import asyncio
from collections.abc import Mapping
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.guide import said_in
from records.domain.record import Record
from records.domain.rendering import render
from records.domain.workspace import Workspace
from records.storage import documents
from records.storage.documents import Row
from records.usecases.log_activity import log_activity
from records.usecases.take_guide_step import document_made, run_of
from shared.database import Transaction
from shared.errors import Invalid, NotFound


class DocumentNotFound(NotFound):
    pass


async def make_document(
    transaction: Transaction,
    workspace: Workspace,
    record: Record,
    variables: Mapping[str, Any],
    given: Mapping[str, Any],
) -> Row:
    """``given`` names a template or an item of the record's guide, and perhaps a language. Raises `Invalid`."""
    run = await run_of(transaction, record) if given.get("item") else None
    item = run.guide.find(given["item"])[1] if run else None
    key = item.template if item else given.get("template")
    template = await documents.template(transaction.connection, key) if key else None
    if template is None:
        raise Invalid.at("/template", f"There is no document template '{key}'.")
    language = given.get("language") or next(iter(template["bodies"]))
    body = template["bodies"].get(language)
    if body is None:
        raise Invalid.at("/language", f"The template '{key}' is there in {', '.join(template['bodies'])}.")
    if item and item.subject:
        body = body | {"subject": said_in(item.subject, language)}
    made = await asyncio.to_thread(render, template["kind"], body, variables, language, item.our_ref if item else "")
    row = {
        "id": str(uuid7()),
        "record_id": record.id,
        "template": key,
        "language": language,
        "name": f"{template['name']}.{'html' if template['kind'] == 'email' else template['kind']}",
        "type": made.type,
        "subject": made.subject or None,
        "our_ref": made.our_ref or None,
        "size": len(made.content),
        "content": made.content,
        "at": transaction.now,
        "actor": transaction.actor,
        "fields": sorted(made.read & workspace.schemas[record.project_id].fields_by_key.keys()),
    }
    await documents.add(transaction.connection, row)
    await log_activity(transaction, workspace, record.id, {"type": "note", "body": f"Document: {row['name']}"})
    if run:
        await document_made(transaction, workspace, record, run, given["item"], row["id"])
    return row
