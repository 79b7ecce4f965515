"""A rule: when something happens, and a condition holds, do this. Its versions never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from automations.domain.clause import Clause


class RuleSettings(Clause):
    """What a rule does with the past. ``existing`` says how a timer rule treats records from before it was enabled.

    ``from_now`` counts from the enabling, ``from_state_entry`` as if the rule had always been there, ``ignore`` waits
    for the record's next activity.
    """

    run_on_import: bool = False
    run_on_history: bool = False
    existing: Literal["from_now", "from_state_entry", "ignore"] = "from_now"
    language: str | None = None


@dataclass(frozen=True)
class Rule:
    """One version of a rule, as saved. ``project`` is a key, or None for any; ``enabled_at``: last switched on."""

    id: str
    name: str
    trigger: Mapping[str, Any]
    actions: tuple[Mapping[str, Any], ...]
    enabled_at: datetime
    key: str | None = None
    project: str | None = None
    conditions: Mapping[str, Any] = field(default_factory=lambda: {"all": []})
    settings: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True
    version: int = 1

    @property
    def actor(self) -> str:
        return f"rule:{self.id}"
