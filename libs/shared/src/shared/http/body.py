"""Reading a request's body without letting it fill the memory."""

from fastapi import Request

from shared.errors import TooLarge

MEBIBYTE = 1 << 20


async def bounded_body(request: Request, limit: int = 10 * MEBIBYTE) -> bytes:
    """The body's bytes. Raises `TooLarge` at the first byte over ``limit``, without reading on."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    chunks, length = [], 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    body = b"".join(chunks)
    request._body = body  # noqa: SLF001 — Starlette's own cache, so that the route may read it again
    return body


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit:,} bytes allowed here.")
