"""Create the platform's tables, those of rights, and one of the sample's own."""

from alembic import op

from shared.database.tables import create_platform
from shared.policy.tables import create_rights

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_platform(op)
    create_rights(op)
    op.execute("CREATE TABLE note (id text PRIMARY KEY, body text NOT NULL)")
