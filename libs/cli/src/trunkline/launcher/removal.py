"""Deleting an installation: only what is known to be ours."""

import shutil
from contextlib import suppress

from shared.engines import locks
from trunkline.failures import FolderInUse
from trunkline.launcher import database, installation
from trunkline.launcher.folder import OURS, DataFolder


def erase(place: DataFolder) -> None:
    """The database first, wherever it is kept; the installation's identity last, so that being killed can be mended."""
    home = place.path / installation.load(place).database_home
    try:
        with locks.hold(place.lock):
            if database.belongs_to(home, place):
                shutil.rmtree(home)
            for name in sorted(OURS - {"installation.json", "lock"}):
                shutil.rmtree(place.path / name, ignore_errors=True)
            place.state.unlink(missing_ok=True)
            place.installation.unlink()
    except locks.Locked:
        raise FolderInUse(f"{place.path} is in use by another trunkline up.") from None
    place.lock.unlink(missing_ok=True)
    with suppress(OSError):
        place.path.rmdir()  # unless something else lies there
