"""Add what is expected of queues."""

from alembic import op

revision = "0012"
down_revision = "0011"

QUEUE = """
CREATE TABLE queue (
    name text NOT NULL,
    threshold_s double precision,
    short_abandon_s double precision,
    deleted boolean NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (name)
)
"""


def upgrade() -> None:
    op.execute(QUEUE)
