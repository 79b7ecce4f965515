"""Add dashboards, their share links, and the replica of users."""

from alembic import op

from analytics.storage.tables import dashboard, dashboard_share, metadata, user

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[user, dashboard, dashboard_share])
