"""Add the copies of roles and users."""

from alembic import op

from shared.policy.tables import create_rights

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_rights(op)
