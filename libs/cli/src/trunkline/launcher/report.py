"""What the supervisor tells the person waiting, whether it runs in the same process or behind a pipe."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["doing", "part", "ready", "failed"]


@dataclass(frozen=True)
class Report:
    """``doing``: ``text`` goes on now. ``part``: ``text`` is its name, ``state`` its state. ``ready``: all is.

    ``failed``: ``text`` is the sentence, ``code`` the exit code.
    """

    kind: Kind
    text: str = ""
    state: str = ""
    detail: str = ""
    seconds: float = 0.0
    code: int = 0


Reporter = Callable[[Report], None]


class Pipe:
    """Reports as lines of JSON, until closed. Nobody may be listening any more: that is no error."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def __call__(self, report: Report) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.write(self._descriptor, json.dumps(asdict(report)).encode() + b"\n")

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def read_from(descriptor: int) -> Iterator[Report]:
    """Until the writer closes."""
    with os.fdopen(descriptor) as lines:
        for line in lines:
            yield Report(**json.loads(line))
