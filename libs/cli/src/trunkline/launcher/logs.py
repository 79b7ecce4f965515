"""A log file a part, kept small."""

import logging
import os
import shutil
from pathlib import Path

LIMIT = 16 * 1024 * 1024
KEPT = 3


def rotate(log: Path) -> None:
    """Before its writer starts: a large log steps aside, three old ones stay."""
    if not log.exists() or log.stat().st_size < LIMIT:
        return
    _step_aside(log)
    log.rename(_numbered(log, 1))


def shorten(log: Path) -> None:
    """While its writer runs (it appends): copy and cut. A line written just then may be lost."""
    if not log.exists() or log.stat().st_size < LIMIT * 4:
        return
    _step_aside(log)
    shutil.copyfile(log, _numbered(log, 1))
    os.truncate(log, 0)


def _step_aside(log: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        if _numbered(log, number).exists():
            _numbered(log, number).replace(_numbered(log, number + 1))


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


def log_to(file: Path) -> None:
    """The supervisor's own words go there."""
    rotate(file)
    logging.basicConfig(
        filename=file, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True, encoding="utf-8"
    )
