"""Taking a file in, and letting go of those that nobody holds."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from records.domain.file import File, clean_name, media_type
from records.gateways.blobs import Blobs
from records.storage import files
from shared.database import Transaction
from shared.errors import Invalid
from shared.http.body import Received

BATCH = 100
# What was written by an upload that then failed is that of nobody; one that is under way is younger than this.
ORPHANED = timedelta(days=1)


async def keep_file(transaction: Transaction, blobs: Blobs, name: str, body: Received) -> File:
    """The file; a day later it is forgotten unless a record holds it. Raises `Invalid` where there is nothing in it."""
    if not body.size:
        raise Invalid("The body is empty; send the file's bytes.")
    clean, digest, start = clean_name(name), body.sha256.hex(), body.file.read(512)
    body.file.seek(0)
    kept = File(str(uuid4()), clean, body.size, media_type(clean, start), digest, transaction.actor, transaction.now)
    await files.lock_bytes(transaction.connection, digest)
    await blobs.put(digest, body.file)
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


async def forget_orphans(transaction: Transaction, blobs: Blobs, digests: Sequence[str]) -> int:
    """Of bytes that lie there long enough, delete those that no file has; how many there were."""
    known = await files.with_bytes(transaction.connection, digests)
    orphans = sorted(set(digests) - known)
    for digest in orphans:
        if not await files.lock_bytes(transaction.connection, digest):
            await blobs.delete(digest)
    return len(orphans)
