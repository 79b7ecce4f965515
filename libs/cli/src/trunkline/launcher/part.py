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
    """What is run, and how it is looked after.

    ``refusal`` is why the process of that id is not ready, None if it is. It is asked again and again, for as long as
    the process lives, and must answer within a second or so.
    ``before`` runs before each start, ``after`` once, when the part is ready for the first time.
    ``patience`` is in seconds, from start to ready; ``every`` how often it is asked meanwhile. ``tries`` is how often
    it may end before it was ready for the first time.
    ``address`` is what people are shown: no passwords.
    """

    name: str
    kind: Literal["engine", "service"]
    command: Command
    refusal: Callable[[int], str | None]
    address: str
    log: Path
    patience: float = 60.0
    every: float = 0.02
    tries: int = 3
    before: Callable[[], None] = field(default=_nothing)
    after: Callable[[], None] = field(default=_nothing)
