"""A suggestion: what could be done next on a record, raised once and answered once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.errors import Conflict, NotFound

SuggestionKind = Literal["follow_up", "stage", "reopen"]
SuggestionState = Literal["open", "accepted", "dismissed"]
# Who never wants to be asked, but have the next follow-up made at once, has set this to false.
CONFIRM_FOLLOW_UP = "confirm_suggested_follow_up"
PREFERENCES = frozenset({CONFIRM_FOLLOW_UP})


class SuggestionNotFound(NotFound):
    pass


class AlreadyAnswered(Conflict):
    pass


class PreferenceNotFound(NotFound):
    pass


@dataclass(frozen=True)
class Suggestion:
    """``cause`` is what it was raised for: a follow-up's step, a stage, a day. ``stage`` of kind stage is the next."""

    id: str
    record_id: str
    kind: SuggestionKind
    cause: str
    raised_at: datetime
    guide_id: str | None = None
    stage: str | None = None
    item: str | None = None
    state: SuggestionState = "open"
    answered_at: datetime | None = None
    answered_by: str | None = None
