"""Remember the calls that turned out to be parts of others."""

from alembic import op

revision = "0015"
down_revision = "0014"

TABLE = "CREATE TABLE merged_call (call text NOT NULL, part_of text, PRIMARY KEY (call))"


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_merged_call_part_of ON merged_call (part_of)")
