"""The engines of the wheels, started for a test session and ended with it, however it ends."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from subprocess import Popen

from shared.engines import nats, ports, postgres
from shared.engines.failures import EngineFailed
from shared.engines.processes import Command, spawn, stop, wait_until
from shared.testing.folders import temporary_folder

ATTEMPTS = 3
# The cluster is thrown away: it need not survive the machine. Its answers are the same.
DISPOSABLE = {**postgres.DURABLE, "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@contextmanager
def nats_server() -> Iterator[str]:
    """A server with an empty store and ports of its own choice; its address."""
    with temporary_folder() as folder:
        server = nats.NatsServer(folder / "nats", port=nats.CHOOSE, monitor_port=nats.CHOOSE)
        command, log = nats.prepare(server), folder / "nats.log"
        process = spawn(command, log)
        try:
            wait_until(lambda: nats.chosen_ports(server, process.pid) is not None, process, log)
            running = nats.chosen_ports(server, process.pid) or server
            wait_until(lambda: nats.is_ready(running), process, log)
            yield running.url
        finally:
            stop(process, command)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A fresh cluster, user ``postgres``, no password; the address of its database ``postgres``."""
    with temporary_folder() as folder:
        user = postgres.unprivileged_user()
        if user:
            shutil.chown(folder, user)
        binaries = postgres.copy_installation(folder / "postgresql") if user else postgres.installation()
        blank = postgres.Cluster(binaries, folder / "data", port=0, user=user)
        postgres.initialise(blank, password=None, sync=False)
        cluster, command, process = _start(blank, folder / "postgres.log")
        try:
            yield f"postgresql://postgres@127.0.0.1:{cluster.port}/postgres"
        finally:
            stop(process, command)


def _start(blank: postgres.Cluster, log: Path) -> tuple[postgres.Cluster, Command, Popen[bytes]]:
    """Another program may take the port first: then try the next."""
    for attempt in range(1, ATTEMPTS + 1):
        cluster = replace(blank, port=ports.free_ports(1)[0])
        command = postgres.command(cluster, DISPOSABLE)
        process = spawn(command, log)
        try:
            wait_until(partial(postgres.is_ready, cluster, process.pid), process, log)
        except EngineFailed:
            stop(process, command)
            if attempt == ATTEMPTS:
                raise
        else:
            return cluster, command, process
    raise AssertionError("unreachable")
