"""Taking an API key back."""

from records.storage import keys
from records.usecases.announce import announce
from shared.database import Transaction
from shared.errors import NotFound


class KeyNotFound(NotFound):
    pass


async def revoke_key(transaction: Transaction, key_id: str) -> None:
    """It stops working here with the commit, elsewhere as soon as the event arrives. Idempotent."""
    key = await keys.find(transaction.connection, key_id) if key_id.isalnum() else None
    if key is None:
        raise KeyNotFound(f"There is no key '{key_id}'.")
    if key.revoked_at is None:
        revoked = key.model_copy(update={"revoked_at": transaction.now, "version": key.version + 1})
        await keys.change(transaction.connection, revoked)
        announce(transaction, revoked)
