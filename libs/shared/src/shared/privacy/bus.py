"""The person out of the outbox and the streams: messages are found by the sequence that their outbox row remembers."""

from collections.abc import Sequence

from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from shared.privacy.person import Person

NO_SUCH_MESSAGE = 10043
# A row may be published while it is masked: its sequence is read after the wait for its lock, so none is missed.
_MASK = text(
    """
    UPDATE outbox SET envelope = regexp_replace(envelope, :pattern, :mark, 'gi')
    WHERE envelope ~* :pattern RETURNING stream_sequence
    """
)
# All that was told of records that are wholly theirs; what has not left yet never will.
_DROP = text(
    """
    DELETE FROM outbox
    WHERE substring(envelope FROM '"record":\\{"id":"([^"]*)"') = ANY(:records) RETURNING stream_sequence
    """
).bindparams(bindparam("records", type_=ARRAY(Text)))


async def forget_outbox(connection: AsyncConnection, person: Person, mark: str) -> list[int]:
    """Mask or drop the rows; the sequences of the messages that must go from the stream, where they were sent."""
    sequences: list[int | None] = []
    if person.records:
        sequences += (await connection.execute(_DROP, {"records": list(person.records)})).scalars()
    if person.pattern:
        given = {"pattern": person.pattern, "mark": mark}
        sequences += (await connection.execute(_MASK, given)).scalars()
    return [each for each in sequences if each is not None]


async def forget_messages(jetstream: JetStreamContext, stream: str, sequences: Sequence[int]) -> int:
    """Overwrite the messages in the stream's files; how many were still there."""
    gone = 0
    for sequence in sequences:
        try:
            await jetstream.delete_msg(stream, sequence)
            gone += 1
        except NotFoundError:
            continue
        except APIError as error:
            if error.err_code != NO_SUCH_MESSAGE:
                raise
    return gone
