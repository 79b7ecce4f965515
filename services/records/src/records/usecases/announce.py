"""Telling the bus the whole of something that every service keeps a copy of."""

from records.domain.announcements import Snapshot, event_id
from shared.database import Transaction


def announce(transaction: Transaction, event: Snapshot) -> None:
    """Its id is that of its version: told again after a restart, it is dropped by those who know it."""
    transaction.publish(event, id=event_id(event))
