"""Alembic's environment for every service: the caller brings the connection and the folder of versions."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
