"""The first keys, which nobody could give out: the launcher's for the administrator and for the services."""

from collections.abc import Mapping, Sequence

from records.storage import keys
from records.usecases.create_key import described
from shared.database import Transaction


async def bootstrap_keys(transaction: Transaction, wanted: Mapping[str, tuple[str, Sequence[str]]]) -> None:
    """Let each key exist, by name: the key and its scopes. One that is known stays as it is, revoked or not."""
    for name, (key, scopes) in wanted.items():
        await keys.add(transaction.connection, described(key, name, scopes))
