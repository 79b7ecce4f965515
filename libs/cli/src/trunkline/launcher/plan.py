"""The parts Trunkline consists of on one machine, and what each is told."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from shared.engines import nats, postgres
from shared.engines.processes import Command
from trunkline.failures import StartFailed
from trunkline.launcher import database, orphans, probe
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.installation import Installation
from trunkline.launcher.names import SERVICES
from trunkline.launcher.part import Part
from trunkline.launcher.port_map import PortMap

ENGINE_PATIENCE = 120.0  # a database that was killed under load replays its log first
SERVICE_PATIENCE = 900.0  # after an upgrade it may have millions of rows to bring into a new shape


@dataclass(frozen=True)
class Plan:
    """``store_lock`` is the descriptor of the lock on the bus's store, which nats-server inherits."""

    folder: DataFolder
    installation: Installation
    ports: PortMap
    cluster: postgres.Cluster
    store_lock: int
    test_clock: bool = False

    @property
    def bus(self) -> nats.NatsServer:
        return bus(self.folder, self.installation, self.ports)

    @property
    def clickhouse(self) -> str:
        return f"chdb://{self.folder.clickhouse}"

    def stages(self) -> list[list[Part]]:
        return [[nats_part(self), postgres_part(self)], [service_part(self, name) for name in SERVICES]]


def bus(folder: DataFolder, installation: Installation, ports: PortMap) -> nats.NatsServer:
    login = ("trunkline", installation.nats_password)
    return nats.NatsServer(folder.nats, ports["nats"], ports["nats monitoring"], *login)


def nats_part(plan: Plan) -> Part:
    server = plan.bus
    prepared = nats.prepare(server)
    command = Command(prepared.arguments, prepared.directory, prepared.environment, inherited=(plan.store_lock,))
    return Part(
        name="nats",
        kind="engine",
        command=command,
        refusal=lambda _process_id: None if nats.is_ready(server) else "JetStream does not answer",
        address=f"nats://127.0.0.1:{server.port}",
        log=plan.folder.log("nats"),
        patience=ENGINE_PATIENCE,
        after=partial(_require_durable, server),
    )


def _require_durable(server: nats.NatsServer) -> None:
    """A bus that acknowledges before it has synced would lose events at a power cut: rather none."""
    if not nats.is_durable(server):
        raise StartFailed("nats does not sync before it acknowledges: this nats-server cannot be used.")


def postgres_part(plan: Plan) -> Part:
    cluster = plan.cluster
    return Part(
        name="postgres",
        kind="engine",
        command=postgres.command(cluster, postgres.DURABLE),
        refusal=lambda process_id: None if postgres.is_ready(cluster, process_id) else "it accepts no connections",
        address=f"postgresql://127.0.0.1:{cluster.port}",
        log=plan.folder.log("postgres"),
        patience=ENGINE_PATIENCE,
        before=partial(orphans.clear_stale_postmaster, cluster.data),
        after=partial(database.ensure_databases, plan.installation, cluster.port),
    )


def service_part(plan: Plan, name: str) -> Part:
    address = plan.ports.address(name)
    command = Command(
        # -P: a file in the working directory must not stand in for a module
        (sys.executable, "-P", "-m", name),
        directory=plan.folder.path,
        environment={**_inherited(), **environment(plan, name)},
        orphaned=signal.SIGKILL,
    )
    return Part(
        name=name,
        kind="service",
        command=command,
        refusal=lambda _process_id: probe.refusal(address),
        address=address,
        log=plan.folder.log(name),
        patience=SERVICE_PATIENCE,
        every=0.1,
        tries=1,
    )


def _inherited() -> dict[str, str]:
    """Without its compiled files a service takes five times as long to start, and so to start again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def environment(plan: Plan, name: str) -> Mapping[str, str]:
    """The service's settings. What else the caller has set, ``RECORDS_TIMEZONE`` say, reaches it too."""
    common = {
        "DATABASE_URL": database.service_login(plan.installation, plan.cluster.port, name).service_url,
        "NATS_URL": plan.bus.url,
        "HOST": plan.ports.bind,
        "PORT": str(plan.ports[name]),
        "SPANS_FILE": str(plan.folder.spans(name)),
        "TEST_CLOCK": str(plan.test_clock).lower(),
    }
    return {f"{name.upper()}_{key}": value for key, value in {**common, **_own(plan)[name]}.items()}


def _own(plan: Plan) -> dict[str, dict[str, str]]:
    keys = plan.installation
    return {
        "records": {
            "ADMIN_KEY": keys.admin_key,
            "FILES": str(plan.folder.files),
            "AUTOMATIONS_KEY": keys.automations_key,
            "AUTOMATIONS_URL": plan.ports.address("automations"),
            "ANALYTICS_URL": plan.ports.address("analytics"),
            "CALLS_URL": plan.ports.address("calls"),
        },
        "automations": {"RECORDS_URL": plan.ports.address("records"), "RECORDS_KEY": keys.automations_key},
        "calls": {"SPOOL_DIR": str(plan.folder.spool)},
        "analytics": {"CLICKHOUSE_URL": plan.clickhouse},
    }
