"""From an empty folder, or the ruins of a killed run, to everything ready, and down again."""

import contextlib
import logging
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.engines import locks
from shared.engines.failures import EngineDamaged, EngineError
from trunkline.failures import FolderInUse, FolderUnusable, StartFailed
from trunkline.launcher import database, folder, identity, installation, logs, orphans, port_map, state
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.installation import Installation
from trunkline.launcher.plan import Plan
from trunkline.launcher.port_map import PortMap
from trunkline.launcher.report import Report, Reporter
from trunkline.launcher.runner import Runner
from trunkline.launcher.signals import Signals
from trunkline.launcher.state import State
from trunkline.launcher.supervisor import Supervisor

OPEN_FILES = 65_536

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """``port_base`` None: any free range. ``companion`` is a process with whose end all this ends too."""

    data: Path
    port_base: int | None = port_map.DEFAULT_BASE
    bind: str = "127.0.0.1"
    test_clock: bool = False
    companion: int | None = None


def live(options: Options, report: Reporter, when_ready: Callable[[DataFolder], None]) -> None:
    """Run Trunkline until asked to stop. Raises a `Failure` when it cannot start. Main thread only."""
    place = folder.prepare(options.data)
    with _alone(place.lock, f"{place.path} is in use by another trunkline up: trunkline status --data {options.data}"):
        os.umask(0o077)
        _allow_open_files()
        logs.log_to(place.log("trunkline"))
        report(Report("doing", "looking at the data folder"))
        over = end_of(options.companion)
        with _named_failures(), _planned(place, options, report) as plan, Signals(over) as signals:
            _run(plan, signals, report, when_ready)


def end_of(companion: int | None) -> Callable[[], bool]:
    """Whether it has ended: a question that can be asked often."""
    if companion is None:
        return lambda: False
    known = identity.fingerprint(companion)
    if known is None:
        raise StartFailed(f"There is no process {companion} to run along with.")
    return lambda: not identity.is_alive(companion, known)


def _allow_open_files() -> None:
    """As many as this user may: ClickHouse and NATS open a file for each of their parts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if resource.RLIM_INFINITY != soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _run(plan: Plan, signals: Signals, report: Reporter, when_ready: Callable[[DataFolder], None]) -> None:
    supervisor = Supervisor(plan.stages(), signals, _listener(plan, report))
    try:
        supervisor.start()
        log.info("everything is ready")
        report(Report("ready"))
        when_ready(plan.folder)
        supervisor.watch()
    finally:
        report(Report("doing", "stopping"))
        supervisor.stop()


@contextlib.contextmanager
def _alone(lock: Path, otherwise: str) -> Iterator[int]:
    try:
        with locks.hold(lock) as descriptor:
            yield descriptor
    except locks.Locked:
        raise FolderInUse(otherwise) from None


@contextlib.contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except EngineDamaged as error:
        raise FolderUnusable(str(error)) from None
    except EngineError as error:
        raise StartFailed(str(error)) from None


@contextlib.contextmanager
def _planned(place: DataFolder, options: Options, report: Reporter) -> Iterator[Plan]:
    """All that can be found out before anything starts is found out here."""
    last = state.load(place)
    known = installation.load(place) if place.installation.exists() else None
    orphans.end(last)
    if last and known:
        database.require_present(place, known)
    ports = _ports(options)
    if known is None:
        report(Report("doing", "making a new installation"))
        known = _new(place)
    place.nats.mkdir(mode=0o700, exist_ok=True)
    busy = f"Another nats-server works on {place.nats}, and nobody recorded it: end it first."
    with _alone(place.nats / "lock", busy) as store_lock:
        cluster = database.cluster(place, known, ports["postgres"])
        yield Plan(place, known, ports, cluster, store_lock, options.test_clock)


def _new(place: DataFolder) -> Installation:
    name = installation.new_identity()
    return installation.create(place, name, database.choose_home(place, name))


def _ports(options: Options) -> PortMap:
    if options.port_base is None:
        return port_map.automatic(options.bind)
    ports = PortMap(options.port_base, options.bind)
    port_map.require_free(ports)
    return ports


def _listener(plan: Plan, report: Reporter) -> Callable[[Sequence[Runner], Runner | None], None]:
    def hear(runners: Sequence[Runner], changed: Runner | None) -> None:
        try:
            state.save(plan.folder, _state(plan, runners))
        except OSError:
            log.exception("the state could not be written")  # a full disk is no reason to end what runs
        if changed:
            detail = changed.part.address if changed.state == "ready" else changed.trouble
            report(Report("part", changed.part.name, changed.state, detail, changed.seconds))

    return hear


def _state(plan: Plan, runners: Sequence[Runner]) -> State:
    return State(
        process_id=os.getpid(),
        fingerprint=identity.fingerprint(os.getpid()) or "",
        ready=all(runner.state == "ready" for runner in runners),
        test_clock=plan.test_clock,
        port_base=plan.ports.base,
        database=str(plan.cluster.data),
        clickhouse=plan.clickhouse,
        parts=[runner.described() for runner in runners],
    )
