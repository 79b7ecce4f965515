"""A folder has one owner at a time: nats-server does not see to it itself."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Locked(Exception):
    """Another living process holds the lock. A dead one's lock is gone with it."""


@contextmanager
def hold(file: Path) -> Iterator[int]:
    """Hold the lock on ``file`` (made if missing, never deleted). Raises `Locked` at once.

    Yields its descriptor: a child that inherits it holds the lock too, for as long as it lives.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, file)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, file: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Locked(str(file)) from None
