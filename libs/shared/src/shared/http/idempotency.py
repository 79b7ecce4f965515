"""The same Idempotency-Key twice does a thing once: the first answer is kept in the transaction of its change."""

import hashlib

from fastapi import Request, Response
from sqlalchemy import select

from shared.database.tables import idempotency
from shared.database.transaction import Transaction
from shared.errors import Conflict, Invalid
from shared.http import problems

HEADER = "idempotency-key"
METHODS = frozenset({"POST", "PATCH", "PUT", "DELETE"})
LONGEST = 255
KEPT_HEADERS = ("content-type", "etag", "location")


class KeyInUse(Conflict):
    title = "Request still running"


def key_of(request: Request) -> str | None:
    """The request's key where it counts. Raises `Invalid` for one that is too long."""
    key = request.headers.get(HEADER) if request.method in METHODS else None
    if key and len(key) > LONGEST:
        raise Invalid(f"The Idempotency-Key is longer than {LONGEST} characters.")
    return key


def request_hash(request: Request, body: bytes) -> str:
    head = f"{request.method} {request.url.path}?{request.url.query}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()


async def first_answer(transaction: Transaction, actor: str, key: str, asked: str) -> Response | None:
    """What was answered before. Raises `Invalid` where the key came with another request."""
    found = select(idempotency).where(idempotency.c.actor == actor, idempotency.c.key == key)
    row = (await transaction.execute(found)).one_or_none()
    if row is None:
        return None
    if row.request_hash != asked:
        raise Invalid("This Idempotency-Key was used for another request before.")
    return Response(row.body, row.status, headers=row.headers | {"idempotency-replayed": "true"})


async def remember(transaction: Transaction, actor: str, key: str, asked: str, answer: Response) -> None:
    """Keep the answer; it is committed with the change or not at all.

    One that is not to be stored (``Cache-Control: no-store``: a new key) is remembered as given, without its words.
    """
    if "no-store" in answer.headers.get("cache-control", ""):
        answer = problems.answer(409, "Already answered", "This was done; its answer held a secret and was not kept.")
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    await transaction.execute(
        idempotency.insert().values(
            actor=actor,
            key=key,
            request_hash=asked,
            status=answer.status_code,
            headers=headers,
            body=bytes(answer.body),
            created_at=transaction.now,
        )
    )
