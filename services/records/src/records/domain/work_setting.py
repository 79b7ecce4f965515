"""How people work in a project: what completing a blocked record means, and how long the trash is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from shared.errors import Conflict, Invalid

CompletingBlocked = Literal["warn", "refuse"]
LONGEST_KEPT = 3_650


class StillBlocked(Conflict):
    pass


@dataclass(frozen=True)
class WorkSetting:
    completing_blocked: CompletingBlocked = "warn"
    purge_after_days: int = 30


def edited_setting(before: WorkSetting, given: Mapping[str, Any]) -> WorkSetting:
    """Raises `Invalid`."""
    after = replace(before, **given)
    if after.completing_blocked not in get_args(CompletingBlocked):
        raise Invalid.at("/completing_blocked", "Completing a blocked record brings a warning or is refused.")
    if not 1 <= after.purge_after_days <= LONGEST_KEPT:
        raise Invalid.at("/purge_after_days", f"The trash is kept for 1 to {LONGEST_KEPT:,} days.")
    return after
