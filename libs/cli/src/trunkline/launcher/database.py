"""PostgreSQL of one installation: where it lives, and a database and a role for each service."""

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.engines import places, postgres
from shared.engines.postgres import Cluster
from trunkline.failures import FolderUnusable, StartFailed
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.installation import Installation
from trunkline.launcher.names import SERVICES

INSIDE = "postgres"
BELONGS_TO = "belongs-to"
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
# Where root keeps it when no other user can reach the data folder.
OUTSIDE = (Path("/var/lib/trunkline"), Path("/var/tmp/trunkline"), Path("/tmp/trunkline"))  # noqa: S108 — last resorts


def choose_home(folder: DataFolder, identity: str) -> str:
    """Inside the data folder wherever possible; for root, who runs it as another user, wherever that one can go."""
    user = postgres.unprivileged_user()
    if user is None or places.is_traversable(folder.path, user):
        return INSIDE
    for parent in OUTSIDE:
        if places.is_traversable(parent) and _make(parent):
            return str(parent / identity)
    raise FolderUnusable(
        f"PostgreSQL does not run as root, and the user {user} cannot reach {folder.path}: "
        "give a --data whose parent folders let other users pass (chmod o+x)."
    )


def _make(parent: Path) -> bool:
    try:
        if not parent.exists():
            parent.mkdir()
            parent.chmod(0o711)  # ours, whatever the umask
        return os.access(parent, os.W_OK)
    except OSError:
        return False


def require_present(folder: DataFolder, installation: Installation) -> None:
    """Of an installation that ran before: an empty one in its place would hide the loss. Raises `FolderUnusable`."""
    data = folder.path / installation.database_home / "data"
    if not data.exists():
        raise FolderUnusable(f"The data folder {folder.path} is damaged: its database {data} is missing.")


def cluster(folder: DataFolder, installation: Installation, port: int) -> Cluster:
    """The cluster as it will run here, its binaries in place, made if it is new. Raises `FolderUnusable`."""
    home = folder.path / installation.database_home
    data = home / "data"
    user = _owner(data) if data.exists() else postgres.unprivileged_user()
    _make_home(home, folder)
    if user and not places.is_traversable(home, user):
        raise FolderUnusable(
            f"PostgreSQL does not run as root, and the user {user} cannot reach {home} any more: "
            "let other users pass through its parent folders (chmod o+x)."
        )
    binaries = postgres.copy_installation(home / "binaries") if user else postgres.installation()
    found = Cluster(binaries, data, port, user)
    if not postgres.is_initialised(found):
        postgres.initialise(found, installation.postgres_password)
    return found


def _owner(data: Path) -> str | None:
    """Root runs it as whoever made it; anybody else as himself."""
    if os.geteuid() != 0:
        return None
    number = data.stat().st_uid
    with suppress(KeyError):
        if number != 0:
            return data.owner()
    owner = "root" if number == 0 else f"the unknown user {number}"
    raise FolderUnusable(
        f"{data} belongs to {owner}, and PostgreSQL cannot run as that: chown -R {postgres.unprivileged_user()} {data}"
    )


def _make_home(home: Path, folder: DataFolder) -> None:
    """A folder of our own: the binaries in it are public, the data in it has a mode of its own."""
    if not home.exists():
        home.mkdir()
        home.chmod(0o755)
        (home / BELONGS_TO).write_text(str(folder.path))


def belongs_to(home: Path, folder: DataFolder) -> bool:
    """Whether the database in ``home`` is this folder's: a copied folder names the same home."""
    try:
        return (home / BELONGS_TO).read_text() == str(folder.path)
    except OSError:
        return False


def left_over() -> list[Path]:
    """Homes outside whose data folder is gone: nobody will use them again, and nobody but a person deletes them."""
    found = [note for parent in OUTSIDE for note in parent.glob(f"*/{BELONGS_TO}")]
    return [note.parent for note in found if not DataFolder(Path(note.read_text())).installation.exists()]


@dataclass(frozen=True)
class Login:
    """How somebody reaches a database of the cluster on ``port``."""

    user: str
    password: str
    port: int
    database: str

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.database}"

    @property
    def service_url(self) -> str:
        return self.url.replace("postgresql://", "postgresql+asyncpg://", 1)


def superuser(installation: Installation, port: int, database: str = "postgres") -> Login:
    return Login("postgres", installation.postgres_password, port, database)


def service_login(installation: Installation, port: int, service: str) -> Login:
    """Each service owns its database, and may not connect to another's."""
    return Login(service, installation.database_passwords[service], port, service)


def ensure_databases(installation: Installation, port: int) -> None:
    """Make what is missing of the services' roles and databases. Raises `StartFailed`."""
    import asyncpg

    try:
        asyncio.run(_ensure(installation, port))
    except (asyncpg.PostgresError, OSError) as error:
        raise StartFailed(f"postgres runs, but its databases cannot be prepared: {error}") from error


def loose_settings(installation: Installation, port: int) -> list[str]:
    """The durability settings the running server does not keep to."""
    return asyncio.run(_loose(superuser(installation, port).url))


async def _loose(server: str) -> list[str]:
    import asyncpg

    connection = await asyncpg.connect(server)
    try:
        found = {name: await connection.fetchval(f"SHOW {name}") for name in DURABILITY}
    finally:
        await connection.close()
    return [f"{name} is {value}" for name, value in found.items() if value != "on"]


async def _ensure(installation: Installation, port: int) -> None:
    import asyncpg

    from shared.engines.databases import create_database

    server = superuser(installation, port).url
    connection = await asyncpg.connect(server)
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        databases = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for service in SERVICES:
            password = installation.database_passwords[service]
            verb = "ALTER" if service in roles else "CREATE"
            await connection.execute(f"{verb} ROLE {service} LOGIN PASSWORD '{password}'")
            if service not in databases:
                await create_database(server, service, owner=service)
            await connection.execute(f"REVOKE CONNECT, TEMPORARY ON DATABASE {service} FROM PUBLIC")
    finally:
        await connection.close()
