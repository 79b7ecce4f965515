"""A caller out of calls: what providers sent of them is blanked whole, since it names them in words of its own."""

from collections.abc import Mapping

from sqlalchemy import text

from shared.jobs import RunningJob
from shared.privacy import Part, Person
from shared.privacy.tombstones import bury

# As when a body has expired, so that it is never read again; its hash stays, as proof of what came in.
_BODIES = text(
    """
    UPDATE delivery SET query = '', headers = '{}', body = '', expired_at = app_now(),
      reason = 'erased; sha256 ' || encode(sha256(body), 'hex')
    WHERE state <> 'received' AND (encode(body, 'escape') ~* :pattern OR query ~* :pattern)
    """
)
_NOTES = text("UPDATE call SET note = NULL WHERE note IS NOT NULL AND external_number ~* :pattern")
_FACTS = text(
    """
    UPDATE call_fact SET "values" = call_fact."values" - 'note' - 'recording_link' FROM call
    WHERE call.id = call_fact.call AND call_fact."values" ?| ARRAY['note', 'recording_link']
      AND call.external_number ~* :pattern
    """
)


async def forget_caller(running: RunningJob, person: Person, mark: str) -> Mapping[str, int]:
    """Counts by store, before the sweep masks the numbers of the calls. What comes later is known by its hash."""
    if not person.pattern:
        return {}
    given = {"pattern": person.pattern}
    async with running.step() as transaction:
        if running.input.get("remember", True):
            await bury(transaction.connection, person, mark)
        bodies = await transaction.execute(_BODIES, given)
        await transaction.execute(_FACTS, given)
        notes = await transaction.execute(_NOTES, given)
    return {"postgresql:delivery": bodies.rowcount, "postgresql:call.note": notes.rowcount}


FORGETTING = Part(
    "CALLS",
    forget_caller,
    {
        "postgresql:call": "Calls stay, for what they measure; the mark stands in the number's place.",
        "postgresql:call_fact": "So does what was said of them, without numbers and notes.",
        "postgresql:delivery": "Of what providers sent the hash stays, as proof of what came in.",
        "postgresql:tombstone": "A keyed hash of the number, so that what comes later is masked, too.",
    },
)
