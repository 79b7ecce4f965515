"""Document templates in a configuration."""

from collections.abc import Mapping
from typing import Any

from records.api.documents import TemplateIn, keep
from records.api.nouns import read_as
from records.storage import documents
from records.usecases.configure import Noun
from shared.database import Transaction


class Thing(TemplateIn):
    key: str


async def _read(transaction: Transaction, _: None) -> list[dict[str, Any]]:
    found = await documents.templates(transaction.connection)
    return [{name: each[name] for name in ("key", "name", "kind", "bodies")} for each in found]


async def _put(transaction: Transaction, _: None, thing: Mapping[str, Any]) -> None:
    body = read_as(Thing, thing)
    before = await documents.template(transaction.connection, body.key)
    bodies = {language: each.model_dump() for language, each in body.bodies.items()}
    if before is None or (before["name"], before["kind"], before["bodies"]) != (body.name, body.kind, bodies):
        await keep(transaction, body.key, body)


async def _remove(transaction: Transaction, _: None, key: str) -> None:
    await documents.remove_template(transaction.connection, key)


NOUN = Noun("document_templates", 40, _read, _put, _remove, is_in_project=False)
