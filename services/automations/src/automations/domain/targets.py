"""Which record a rule acts on, when a call was logged on one record and the rule is about another project's."""

from collections.abc import Iterable

from shared.contracts.records import RecordSnapshot


def is_own(project: str | None, record: RecordSnapshot) -> bool:
    """Whether the record belongs to the rule's project, by key; a rule without a project is about any."""
    return project is None or record.project_key == project


def most_recently_active(candidates: Iterable[RecordSnapshot]) -> RecordSnapshot | None:
    """Of the open ones, the one that lived last; the id decides between equals."""
    still_open = (each for each in candidates if each.list_category == "open")
    return max(still_open, key=lambda each: (each.last_activity_at, each.id), default=None)
