"""Add the settings of fields, lists and projects, descriptions of records, files, and values that tell apart."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = """
ALTER TABLE field
    ADD COLUMN description text,
    ADD COLUMN "default" jsonb,
    ADD COLUMN "unique" text,
    ADD COLUMN folder text;
ALTER TABLE list
    ADD COLUMN require_on_entry text[] DEFAULT '{}' NOT NULL,
    ADD COLUMN locked boolean DEFAULT false NOT NULL;
ALTER TABLE project
    ADD COLUMN default_fields jsonb DEFAULT '{}' NOT NULL,
    ADD COLUMN record_label jsonb DEFAULT '{}' NOT NULL;
ALTER TABLE record ADD COLUMN description text;

CREATE TABLE unique_value (
    record_id uuid NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    field text NOT NULL,
    project_id uuid NOT NULL,
    digest text NOT NULL,
    exclusive boolean NOT NULL,
    PRIMARY KEY (record_id, field)
);
CREATE INDEX unique_value_digest ON unique_value (project_id, field, digest);
CREATE UNIQUE INDEX unique_value_exclusive ON unique_value (project_id, field, digest) WHERE exclusive;

CREATE TABLE file (
    id uuid NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    type text NOT NULL,
    sha256 text NOT NULL,
    uploaded_by text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX file_sha256 ON file (sha256);

CREATE TABLE file_use (
    file_id uuid NOT NULL REFERENCES file (id),
    record_id uuid NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    field text NOT NULL,
    PRIMARY KEY (file_id, record_id, field)
);
CREATE INDEX file_use_record ON file_use (record_id);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
