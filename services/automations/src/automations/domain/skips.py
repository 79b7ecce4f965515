"""A timer that is not to fire now: when to look again."""

from datetime import datetime, timedelta

from automations.domain.hops import operands_of
from shared.contracts.records import RecordSnapshot
from shared.expressions import Filter

LATEST = timedelta(days=1)


def until(skip_when: Filter, record: RecordSnapshot, now: datetime) -> datetime:
    """The earliest moment of the record, still to come, that the condition speaks of; in a day at the latest.

    `next_activity_at in_future` ceases to hold at just that moment. Whatever else the condition asks may change at any
    time, so it is asked again every day.
    """
    fields = {each.field for each in operands_of(skip_when) if not each.hops}
    moments = (getattr(record, name, None) for name in fields)
    coming = [each for each in moments if isinstance(each, datetime) and each > now]
    return min([*coming, now + LATEST])
