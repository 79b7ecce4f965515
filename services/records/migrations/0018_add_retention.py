"""Keep how long things are kept."""

from alembic import op

revision = "0018"
down_revision = "0017"

STATEMENTS = """
CREATE TABLE retention (
    key text NOT NULL PRIMARY KEY,
    what text NOT NULL,
    project text,
    filter jsonb,
    since text NOT NULL,
    after text NOT NULL,
    action text NOT NULL,
    enabled boolean NOT NULL,
    begun_on date
);
INSERT INTO retention (key, what, since, after, action, enabled) VALUES
    ('uploads', 'uploads', 'created_at', 'P30D', 'erase', true),
    ('rejected_rows', 'rejected_rows', 'created_at', 'P30D', 'erase', true),
    ('exports', 'exports', 'created_at', 'P7D', 'erase', true),
    ('submissions', 'submissions', 'created_at', 'P1Y', 'anonymise', true)
"""


def upgrade() -> None:
    for statement in filter(None, map(str.strip, STATEMENTS.split(";"))):
        op.execute(statement)
