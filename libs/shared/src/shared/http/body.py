"""Reading a request's body without letting it fill the memory."""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from fastapi import Request

from shared.errors import TooLarge

MEBIBYTE = 1 << 20
SMALL = MEBIBYTE


async def bounded_body(request: Request, limit: int = 10 * MEBIBYTE) -> bytes:
    """The body's bytes. Raises `TooLarge` at the first byte over ``limit``, without reading on."""
    body = b"".join([chunk async for chunk in _chunks(request, limit)])
    request._body = body  # noqa: SLF001 — Starlette's own cache, so that the route may read it again
    return body


@dataclass(frozen=True)
class Received:
    """A body that lies in a file, to be read from its beginning; ``sha256`` is that of its bytes."""

    file: IO[bytes]
    size: int
    sha256: bytes


@contextmanager
def room() -> Iterator[IO[bytes]]:
    """A file for a body, in memory while it is small, gone afterwards."""
    with tempfile.SpooledTemporaryFile(SMALL) as file:
        yield file


async def write_body(request: Request, limit: int, file: IO[bytes]) -> Received:
    """The body, written down piece by piece. Raises `TooLarge` at the first byte over ``limit``."""
    size, digest = 0, hashlib.sha256()
    async for chunk in _chunks(request, limit):
        digest.update(chunk)
        size += file.write(chunk)
    file.seek(0)
    return Received(file, size, digest.digest())


async def _chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    announced, length = request.headers.get("content-length", "0"), 0
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise _too_large(limit)
        yield chunk


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit:,} bytes allowed here.")
