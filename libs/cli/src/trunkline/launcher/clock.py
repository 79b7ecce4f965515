"""The clock in each service's database: the real time plus one offset, the same in all."""

import asyncio
from datetime import datetime, timedelta

from trunkline.failures import NotReady
from trunkline.launcher import database
from trunkline.launcher.installation import Installation
from trunkline.launcher.names import SERVICES
from trunkline.launcher.port_map import PortMap

MOVE = 'UPDATE app_clock SET "offset" = $1 RETURNING app_now()'
READ = "SELECT app_now()"


def move(installation: Installation, port_base: int, offset: timedelta) -> None:
    asyncio.run(_move(installation, port_base, offset))


def read(installation: Installation, port_base: int) -> dict[str, datetime]:
    """What time it is for each service, in UTC."""
    return asyncio.run(_read(installation, port_base))


async def _move(installation: Installation, port_base: int, offset: timedelta) -> None:
    for service in SERVICES:
        await _ask(installation, port_base, service, MOVE, offset)


async def _read(installation: Installation, port_base: int) -> dict[str, datetime]:
    return {service: await _ask(installation, port_base, service, READ) for service in SERVICES}


async def _ask(installation: Installation, port_base: int, service: str, statement: str, *given: timedelta) -> datetime:
    import asyncpg

    port = PortMap(port_base)["postgres"]
    try:
        connection = await asyncpg.connect(database.service_login(installation, port, service).url)
        try:
            answer: datetime = await connection.fetchval(statement, *given)
        finally:
            await connection.close()
    except (asyncpg.PostgresError, OSError) as error:
        raise NotReady(f"The clock of {service} cannot be reached: {error}") from None
    return answer
