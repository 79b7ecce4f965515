"""The same engines as containers, where Docker is at hand: ``TRUNKLINE_TEST_ENGINES=containers``."""

from collections.abc import Iterator
from contextlib import contextmanager

NATS_IMAGE = "nats:2.15"
POSTGRES_IMAGE = "postgres:18"
NATS_PORT = 4222
NATS_FILE = "/etc/trunkline-nats.conf"
POSTGRES_PORT = 5432
NATS_CONFIGURATION = "jetstream { store_dir: /data, max_mem: 64MB, max_file: 8GB, sync_interval: always }\n"


@contextmanager
def nats_server() -> Iterator[str]:
    """A server with an empty store; its address."""
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    container = (
        DockerContainer(NATS_IMAGE)
        .with_exposed_ports(NATS_PORT)
        .with_copy_into_container(NATS_CONFIGURATION.encode(), NATS_FILE)
        .with_command(f"-c {NATS_FILE}")
        .waiting_for(LogMessageWaitStrategy("Server is ready"))
    )
    with container:
        yield f"nats://{container.get_container_host_ip()}:{container.get_exposed_port(NATS_PORT)}"


@contextmanager
def postgres_server() -> Iterator[str]:
    """A fresh cluster, user ``postgres``, no password; the address of its database ``postgres``."""
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    container = (
        DockerContainer(POSTGRES_IMAGE)
        .with_exposed_ports(POSTGRES_PORT)
        .with_env("POSTGRES_HOST_AUTH_METHOD", "trust")
        .with_env("POSTGRES_INITDB_ARGS", "--locale=C.UTF-8")
        .with_command("-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c timezone=UTC")
        # the image starts the server once for its own preparations, then for good
        .waiting_for(LogMessageWaitStrategy("database system is ready to accept connections", times=2))
    )
    with container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(POSTGRES_PORT)
        yield f"postgresql://postgres@{host}:{port}/postgres"
