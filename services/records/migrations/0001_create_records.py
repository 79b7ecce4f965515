"""The first shape of records."""

from alembic import op

from records.storage.tables import metadata
from shared.database.tables import create_platform

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_platform(op)
    metadata.create_all(op.get_bind())
    op.execute("INSERT INTO workspace DEFAULT VALUES")
