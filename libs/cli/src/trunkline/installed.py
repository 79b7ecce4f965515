"""What every other command needs to know of a running Trunkline: its addresses and its key."""

from dataclasses import dataclass
from pathlib import Path

from trunkline.failures import NotRunning
from trunkline.launcher import folder, installation, state
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.state import State


@dataclass(frozen=True)
class Running:
    """``services`` maps a service's name to its address; ``key`` is the administrator's."""

    services: dict[str, str]
    key: str


def find(data: Path) -> Running:
    """The Trunkline that runs on that folder. Raises `NotRunning`."""
    place = folder.existing(data)
    found = require_alive(place)
    services = {part.name: part.address for part in found.parts if part.kind == "service"}
    return Running(services, installation.load(place).admin_key)


def alive(place: DataFolder) -> State | None:
    """The state of a supervisor that lives, or None."""
    found = state.load(place)
    return found if found and found.is_alive else None


def require_alive(place: DataFolder) -> State:
    """The state of a supervisor that lives. Raises `NotRunning`."""
    found = alive(place)
    if found is None:
        raise NotRunning(f"Nothing is running on {place.path}: start it with trunkline up --data {place.path}")
    return found
