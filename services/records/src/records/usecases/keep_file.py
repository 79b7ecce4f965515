"""Taking a file in, and letting go of those that nobody holds."""

from hashlib import sha256
from uuid import uuid4

from records.domain.file import File, clean_name, media_type
from records.gateways.blobs import Blobs
from records.storage import files
from shared.database import Transaction
from shared.errors import Invalid

BATCH = 100


async def keep_file(transaction: Transaction, blobs: Blobs, name: str, content: bytes) -> File:
    """The file; a day later it is forgotten unless a record holds it. Raises `Invalid` where there is nothing in it."""
    if not content:
        raise Invalid("The body is empty; send the file's bytes.")
    clean, digest = clean_name(name), sha256(content).hexdigest()
    kept = File(
        str(uuid4()), clean, len(content), media_type(clean, content[:512]), digest, transaction.actor, transaction.now
    )
    await files.lock_bytes(transaction.connection, digest)
    await blobs.put(digest, content)
    await files.add(transaction.connection, kept)
    return kept


async def forget_files(transaction: Transaction, blobs: Blobs) -> int:
    """Forget a batch of files that no record took up within a day, or holds any more; how many there were.

    The bytes go where no other file has the same.
    """
    gone = await files.forget_unused(transaction.connection, BATCH)
    for digest in sorted(set(gone)):
        if not await files.lock_bytes(transaction.connection, digest):
            await blobs.delete(digest)
    return len(gone)
