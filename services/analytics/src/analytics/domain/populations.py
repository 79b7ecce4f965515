"""Whom a call metric is about, as conditions over a row of `call`. One word, one condition, everywhere.

Calls still ringing are in none of them but `EVERY`: nothing is known of them yet. Calls that are flagged (internal,
with an own number, a test, spam) are in none at all.
"""

EVERY = "empty(flags)"
# Inbound calls that came past the menu, or whose menu is unknown; outside opening hours no queue was entered.
ENTERED = f"{EVERY} AND direction = 'inbound' AND past_ivr AND outcome != 'after_hours'"
OFFERED = f"{ENTERED} AND (answered OR status = 'ended')"
DIALLED = f"{EVERY} AND direction = 'outbound'"
# Reached a human and came to its end.
HANDLED = f"{EVERY} AND direction = 'inbound' AND answered AND status = 'ended' AND talk_s IS NOT NULL"
CONNECTED = f"{EVERY} AND direction = 'outbound' AND answered AND status = 'ended' AND talk_s IS NOT NULL"

ANSWERED = "answered"
ABANDONED = "outcome = 'abandoned'"
MISSED = "outcome IN ('missed', 'voicemail')"


def within(condition: str, seconds: str) -> str:
    """Calls of a kind whose wait was at most so long (SQL); an unknown wait is not within anything."""
    return f"({condition} AND ifNull(waited_s <= {seconds}, 0))"


def short_abandon(seconds: str) -> str:
    """Callers who left before ``seconds`` (SQL) had passed: misdialled, not let down."""
    return f"({ABANDONED} AND ifNull(waited_s < {seconds}, 0))"
