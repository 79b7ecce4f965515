"""Telling a process from a later one with the same number."""

from pathlib import Path

import psutil


def fingerprint(process_id: int) -> str | None:
    """What only this process has: its start, in ticks since that boot (a moved clock changes nothing). None if gone."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _by_clock(process_id)
    return None if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def _by_clock(process_id: int) -> str | None:
    """For systems without /proc."""
    try:
        process = psutil.Process(process_id)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.Error:
        return None


def is_alive(process_id: int, expected: str) -> bool:
    """Whether that very process runs."""
    return fingerprint(process_id) == expected
