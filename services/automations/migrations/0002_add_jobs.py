"""Add the table of jobs."""

from alembic import op

from shared.jobs.tables import create_jobs

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_jobs(op)
