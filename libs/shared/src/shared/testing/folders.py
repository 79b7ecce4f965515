"""Folders that live for a test session, and go with it however it ends."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.engines import locks, places

PREFIX = "trunkline-tests-"
LOCK = "in-use"
YOUNG = 60  # seconds


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A fresh one that any user may walk through; what killed sessions left is removed meanwhile."""
    folder = places.temporary_folder(PREFIX)
    folder.chmod(0o755)
    _sweep(folder.parent)
    try:
        with locks.hold(folder / LOCK):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Their lock is free. A young folder may not be locked yet."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError, locks.Locked):
            if time.time() - folder.stat().st_mtime > YOUNG:
                with locks.hold(folder / LOCK):
                    shutil.rmtree(folder, ignore_errors=True)
