"""Folders which another user can reach, without changing the mode of any parent."""

import stat
import tempfile
from pathlib import Path


def is_traversable(folder: Path) -> bool:
    """Whether any user can walk down to ``folder``, as far as it exists."""
    existing = [parent for parent in (folder, *folder.parents) if parent.exists()]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in existing)


def temporary_folder(prefix: str) -> Path:
    """A fresh folder of the caller's, reachable for other users even where ``TMPDIR`` is private."""
    preferred = Path(tempfile.gettempdir())
    places = [preferred, Path("/tmp"), Path("/var/tmp")]  # noqa: S108 — mkdtemp makes a private folder
    parent = next((place for place in places if is_traversable(place)), preferred)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
