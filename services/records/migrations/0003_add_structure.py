"""Add what people work with on a record: mentions, checklists, dependencies, and the history of all that."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
ALTER TABLE activity ADD COLUMN mentions text[] DEFAULT '{}' NOT NULL;
ALTER TABLE activity ADD COLUMN edited_at timestamptz;
ALTER TABLE activity ADD COLUMN deleted_at timestamptz;

CREATE TABLE deed (
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor text,
    kind text NOT NULL,
    changes jsonb NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE INDEX deed_record ON deed (record_id, at);

CREATE TABLE checklist (
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    name text NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE INDEX checklist_record ON checklist (record_id, position);

CREATE TABLE checklist_item (
    id uuid NOT NULL,
    checklist_id uuid NOT NULL,
    text text NOT NULL,
    assignee text,
    due_at timestamptz,
    done_at timestamptz,
    position integer NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (checklist_id) REFERENCES checklist (id) ON DELETE CASCADE
);
CREATE INDEX checklist_item_place ON checklist_item (checklist_id, position);

CREATE TABLE dependency (
    blocker_id uuid NOT NULL,
    blocked_id uuid NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id),
    FOREIGN KEY (blocker_id) REFERENCES record (id) ON DELETE CASCADE,
    FOREIGN KEY (blocked_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE INDEX dependency_blocked ON dependency (blocked_id);

CREATE TABLE work_setting (
    project_id uuid NOT NULL,
    completing_blocked text NOT NULL,
    purge_after_days integer NOT NULL,
    PRIMARY KEY (project_id),
    FOREIGN KEY (project_id) REFERENCES project (id)
);

CREATE INDEX record_trash ON record (project_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
"""


def upgrade() -> None:
    for statement in filter(None, map(str.strip, TABLES.split(";"))):
        op.execute(statement)
