"""Add the replica of what is expected of queues."""

from alembic import op

from analytics.storage.tables import metadata, queue

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[queue])
