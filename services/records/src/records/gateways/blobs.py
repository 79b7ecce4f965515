"""Where the bytes of files lie: a folder, or a bucket of any service that speaks the S3 API, under their digests."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store, from_url

from shared.errors import Unavailable

CHUNK = 500


class Blobs:
    """Content by its SHA-256: the same bytes are kept once, and never change."""

    def __init__(self, place: str) -> None:
        """``place`` is a folder or ``s3://bucket/prefix``, whose credentials are in AWS's variables."""
        self._store: LocalStore | S3Store | Any = (
            from_url(place) if "://" in place else LocalStore(Path(place).absolute(), mkdir=True)
        )

    async def put(self, sha256: str, content: IO[bytes]) -> None:
        """What is large goes in parts, a few at a time."""
        try:
            await obstore.put_async(self._store, _path(sha256), content, max_concurrency=2)
        except (BaseError, OSError) as error:
            raise Unavailable("The file could not be kept just now. Try again.") from error

    async def chunks(self, sha256: str) -> AsyncIterator[bytes]:
        """The bytes, a piece at a time."""
        try:
            found = await obstore.get_async(self._store, _path(sha256))
        except (BaseError, OSError) as error:
            raise Unavailable("The file cannot be read just now. Try again.") from error
        async for chunk in found.stream():
            yield bytes(chunk)

    async def before(self, moment: datetime) -> AsyncIterator[list[str]]:
        """The digests of what has lain there since before that moment, some hundred at a time."""
        try:
            async for listed in obstore.list(self._store, chunk_size=CHUNK):
                yield [Path(each["path"]).name for each in listed if each["last_modified"] < moment]
        except (BaseError, OSError) as error:
            raise Unavailable("The files cannot be listed just now.") from error

    async def delete(self, sha256: str) -> None:
        """Also where they are gone already."""
        try:
            await obstore.delete_async(self._store, _path(sha256))
        except (FileNotFoundError, NotFoundError):
            return
        except (BaseError, OSError) as error:
            raise Unavailable("The file could not be deleted just now.") from error


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
