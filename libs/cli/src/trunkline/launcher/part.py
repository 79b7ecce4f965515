"""A part: one process to keep running, and how to tell that it is ready."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from shared.engines.processes import Command


def _nothing() -> None:
    """Most parts need no preparation."""


@dataclass(frozen=True)
class Part:
    """``is_ready`` is asked with the process's id until it says yes; it must answer within a second or so.

    ``before`` runs before each start, ``after`` once, when the part is ready for the first time.
    ``patience`` is in seconds, from start to ready; ``every`` how often it is asked meanwhile.
    ``address`` is what people are shown: no passwords.
    """

    name: str
    kind: Literal["engine", "service"]
    command: Command
    is_ready: Callable[[int], bool]
    address: str
    log: Path
    patience: float = 60.0
    every: float = 0.02
    before: Callable[[], None] = field(default=_nothing)
    after: Callable[[], None] = field(default=_nothing)
