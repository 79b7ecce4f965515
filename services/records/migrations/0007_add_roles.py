"""Add roles, and what rights need to know of users."""

import sqlalchemy as sa
from alembic import op

from shared.policy.tables import create_roles

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_roles(op)
    op.create_index("role_key", "role", ["project", "key"], unique=True, postgresql_where=sa.text("NOT deleted"))
    op.add_column("user", sa.Column("subject", sa.Text))
    op.create_index("user_subject", "user", ["subject"], unique=True)
    op.execute('CREATE INDEX user_as_text ON "user" ((id::text))')
    op.execute("""
        CREATE VIEW account AS SELECT id::text AS id, email, subject, teams, active, version FROM "user"
    """)
