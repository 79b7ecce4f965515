"""Stories beyond the fixtures, a file a provider: what it sends in the course of one call, and the call this is.

Each defines ``STORIES``; `test_domain_tales.py` finds them by themselves.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from calls.domain.hook import HookRequest


@dataclass(frozen=True)
class Story:
    """``becomes`` are fields of the call; ``way`` are its segments as (queue, agent, whether answered there).

    Times are seconds after `told.BEGAN`.
    """

    title: str
    told: Sequence[HookRequest]
    becomes: Mapping[str, Any]
    way: Sequence[tuple[str | None, str | None, bool]] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    provider: str = ""

    def __str__(self) -> str:
        return f"{self.provider}: {self.title}"


def stories() -> list[Story]:
    found = []
    for module in pkgutil.iter_modules(__path__):
        told = importlib.import_module(f"{__name__}.{module.name}").STORIES
        found += [
            Story(**{**{n: getattr(s, n) for n in s.__dataclass_fields__}, "provider": module.name}) for s in told
        ]
    return found
