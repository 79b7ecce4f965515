"""A folder has one owner at a time: nats-server does not see to it itself."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Locked(Exception):
    """Another living process holds the lock. A dead one's lock is gone with it."""


@contextmanager
def hold(file: Path) -> Iterator[None]:
    """Hold the lock on ``file`` (made if missing, never deleted). Raises `Locked` at once."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Locked(str(file)) from None
    finally:
        os.close(descriptor)
