"""Add public forms and the answers to them."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = """
CREATE TABLE form (
    id uuid NOT NULL,
    project_id uuid NOT NULL REFERENCES project (id),
    key text NOT NULL,
    slug text NOT NULL UNIQUE,
    definition jsonb NOT NULL,
    secret text NOT NULL,
    enabled boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX form_key ON form (project_id, key) WHERE deleted_at IS NULL;
CREATE TABLE submission (
    id uuid NOT NULL,
    form_id uuid NOT NULL REFERENCES form (id),
    at timestamptz NOT NULL,
    state text NOT NULL,
    answers jsonb NOT NULL,
    visitor text,
    nonce text,
    record_id uuid,
    PRIMARY KEY (id)
);
CREATE INDEX submission_form ON submission (form_id, at, id);
CREATE UNIQUE INDEX submission_nonce ON submission (form_id, nonce);
CREATE INDEX submission_record ON submission (record_id)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        op.execute(statement)
