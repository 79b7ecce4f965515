"""Databases of a running PostgreSQL server, made and dropped through any address of it."""

import asyncpg


async def create_database(
    server_url: str, name: str, *, template: str = "template1", owner: str | None = None, copy_files: bool = False
) -> None:
    """``template`` must have no connection open. Names are ours: lower case letters, digits, underscores.

    ``copy_files`` is the quicker way, dropping included, for databases that live for a second.
    """
    suffix = f' OWNER "{owner}"' if owner else ""
    suffix += " STRATEGY FILE_COPY" if copy_files else ""
    await _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"{suffix}')


async def drop_database(server_url: str, name: str) -> None:
    """Ends its connections. No error when it is not there."""
    await _execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _execute(server_url: str, statement: str) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
