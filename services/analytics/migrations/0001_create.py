"""The first shape of analytics' own database; the facts are in ClickHouse (see clickhouse/)."""

from alembic import op

from analytics.storage.tables import metadata, project, target
from shared.database.tables import create_platform

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_platform(op)
    metadata.create_all(op.get_bind(), tables=[target, project])
