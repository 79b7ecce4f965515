"""Add which part of its history a provider has told us, and the nights on which that was asked."""

from alembic import op

revision = "0006"
down_revision = "0005"

CHANGES = """
CREATE TABLE history_read (
    connection uuid NOT NULL,
    start_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL,
    read_at timestamptz NOT NULL,
    calls bigint NOT NULL,
    PRIMARY KEY (connection, start_at, end_at, read_at)
);
CREATE TABLE reconciliation (
    connection uuid NOT NULL,
    day date NOT NULL,
    job uuid NOT NULL,
    PRIMARY KEY (connection, day)
)
"""


def upgrade() -> None:
    for statement in CHANGES.split(";"):
        op.execute(statement)
