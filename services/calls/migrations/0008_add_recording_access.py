"""Add who listened to which recording; what is written there is never changed."""

from alembic import op

revision = "0008"
down_revision = "0007"

TABLE = """
CREATE TABLE recording_access (
    id uuid NOT NULL,
    call uuid NOT NULL,
    actor text,
    key text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (id)
)
"""
REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'this is written once'; END $$
"""
TRIGGER = """
CREATE TRIGGER written_once BEFORE DELETE ON recording_access
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    for statement in (TABLE, "CREATE INDEX recording_access_call ON recording_access (call, at)", REFUSE, TRIGGER):
        op.execute(statement)
