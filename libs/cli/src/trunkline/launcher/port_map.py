"""Which part listens where: services from N+1, engines from N+10."""

import random
from dataclasses import dataclass

import psutil

from shared.engines.ports import is_free
from trunkline.failures import PortTaken
from trunkline.launcher.names import SERVICES

DEFAULT_BASE = 8000
HIGHEST_BASE = 65535 - 12
# Below the range from which systems take ports for outgoing connections.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 — where one reaches what listens everywhere
AUTOMATIC = range(20_000, 32_000, 20)
OFFSETS = {
    **{name: number for number, name in enumerate(SERVICES, 1)},
    "nats": 10,
    "nats monitoring": 11,
    "postgres": 12,
}


@dataclass(frozen=True)
class PortMap:
    """``bind`` is where the services listen; the engines always listen on 127.0.0.1."""

    base: int
    bind: str = "127.0.0.1"

    def __getitem__(self, part: str) -> int:
        return self.base + OFFSETS[part]

    def host(self, part: str) -> str:
        return self.bind if part in SERVICES else "127.0.0.1"

    def address(self, service: str) -> str:
        """Where this machine reaches the service."""
        host = LOOPBACK.get(self.bind, f"[{self.bind}]" if ":" in self.bind else self.bind)
        return f"http://{host}:{self[service]}"


def automatic(bind: str) -> PortMap:
    """Any range that is free now. Raises `PortTaken` should there be none."""
    for base in random.sample(AUTOMATIC, len(AUTOMATIC)):
        ports = PortMap(base, bind)
        if not taken(ports):
            return ports
    raise PortTaken("No free range of ports was found between 20000 and 32000.")


def taken(ports: PortMap) -> list[str]:
    return [part for part in OFFSETS if not is_free(ports[part], ports.host(part))]


def require_free(ports: PortMap) -> None:
    """Raises `PortTaken`, naming the first port, its part, and if it can be seen, who has it."""
    found = taken(ports)
    if found:
        port = ports[found[0]]
        raise PortTaken(
            f"Port {port}, needed for {found[0]}, is taken{_by_whom(port)}: "
            "stop that, or choose other ports with --port-base N (auto: any free ones)."
        )


def _by_whom(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return ""
