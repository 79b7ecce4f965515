"""Folders which another user can reach, without changing the mode of any parent."""

import os
import pwd
import stat
import tempfile
from pathlib import Path


def is_traversable(folder: Path, user: str | None = None) -> bool:
    """Whether ``user`` (None: anybody) can walk down to ``folder``, as far as it exists."""
    existing = [parent for parent in (folder, *folder.parents) if parent.exists()]
    entry = pwd.getpwnam(user) if user else None
    return all(_lets_pass(parent.stat(), entry) for parent in existing)


def _lets_pass(found: os.stat_result, entry: pwd.struct_passwd | None) -> bool:
    if entry and found.st_uid == entry.pw_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if entry and found.st_gid == entry.pw_gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def temporary_folder(prefix: str) -> Path:
    """A fresh folder of the caller's, reachable for other users even where ``TMPDIR`` is private."""
    preferred = Path(tempfile.gettempdir())
    places = [preferred, Path("/tmp"), Path("/var/tmp")]  # noqa: S108 — mkdtemp makes a private folder
    parent = next((place for place in places if is_traversable(place)), preferred)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
