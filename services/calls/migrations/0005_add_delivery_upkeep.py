"""Add what upkeep of deliveries needs: who read them, whose body is gone, what was new in them, who is silent."""

from alembic import op

revision = "0005"
down_revision = "0004"

CHANGES = """
ALTER TABLE delivery ADD COLUMN adapter text;
ALTER TABLE delivery ADD COLUMN expired_at timestamptz;
CREATE INDEX delivery_body ON delivery (received_at) WHERE expired_at IS NULL;
CREATE TABLE drift (
    provider text NOT NULL,
    path text NOT NULL,
    deliveries bigint NOT NULL,
    delivery uuid NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (provider, path)
);
CREATE TABLE pulse (
    connection uuid NOT NULL,
    delivered_at timestamptz NOT NULL,
    PRIMARY KEY (connection)
)
"""


def upgrade() -> None:
    for statement in CHANGES.split(";"):
        op.execute(statement)
