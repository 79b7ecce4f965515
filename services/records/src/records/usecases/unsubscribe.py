"""A link that takes a consent back, for whom it was sent to: nobody else can make one, and it does not say who."""

from dataclasses import dataclass

from records.domain.consent import Ground, consent_field, held
from records.domain.identifiers import is_identifier
from records.domain.schema import Field
from records.domain.signing import opened, sealed
from records.storage import records, workspaces
from records.usecases.record_consent import say
from shared.database import Transaction
from shared.errors import Invalid, NotFound

PURPOSE = "unsubscribe"


@dataclass(frozen=True)
class Subscription:
    """What a link is about. ``name`` is what it is called, in the language it was asked for."""

    field: Field
    option: str
    agreed: bool

    def name(self, language: str) -> str:
        found = next(each for each in self.field.config["options"] if each["key"] == self.option)
        return str(found.get("names", {}).get(language) or found["name"])


async def token_for(transaction: Transaction, record_id: str, field: str, option: str) -> str:
    return sealed(await workspaces.secret(transaction.connection), PURPOSE, f"{record_id}.{field}.{option}")


async def subscription(transaction: Transaction, token: str) -> Subscription:
    """Raises `NotFound` for what is no link of ours, or about something that is gone."""
    _, found = await _open(transaction, token)
    return found


async def unsubscribe(transaction: Transaction, token: str) -> Subscription:
    """Done again it changes nothing."""
    record_id, found = await _open(transaction, token)
    if found.agreed:
        workspace = await workspaces.current(transaction.connection)
        record = (await records.lock(transaction.connection, [record_id]))[record_id]
        await say(transaction, workspace, record, found.field, found.option, "withdrawn", Ground("link"))
    return found


async def _open(transaction: Transaction, token: str) -> tuple[str, Subscription]:
    said = opened(await workspaces.secret(transaction.connection), PURPOSE, token) or ""
    record_id, _, rest = said.partition(".")
    field, _, option = rest.partition(".")
    if not is_identifier(record_id):
        raise NotFound("This link is not one of ours, or incomplete.")
    workspace = await workspaces.current(transaction.connection)
    record = (await records.find(transaction.connection, [record_id])).get(record_id)
    schema = workspace.schemas.get(record.project_id) if record and not record.deleted_at else None
    try:
        known = consent_field(schema, field) if schema else None
    except Invalid:
        known = None
    if known is None or option not in {each["key"] for each in known.config["options"]}:
        raise NotFound("What this link was for is not there any more.")
    return record_id, Subscription(known, option, option in held(record, field))
