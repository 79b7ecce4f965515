"""Create the platform's tables and those of calls."""

from alembic import op

from shared.database.tables import create_platform

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE agent (
    id uuid NOT NULL,
    connection uuid NOT NULL,
    provider_agent text NOT NULL,
    name text,
    email text,
    "user" text,
    seen_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE call (
    id uuid NOT NULL,
    connection uuid NOT NULL,
    provider text NOT NULL,
    provider_call_id text NOT NULL,
    version bigint NOT NULL,
    end_told boolean DEFAULT false NOT NULL,
    first_seen_at timestamptz NOT NULL,
    direction text,
    status text DEFAULT 'ringing' NOT NULL,
    outcome text,
    started_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    ended_at_estimated boolean DEFAULT false NOT NULL,
    ivr_s double precision,
    queue_s double precision,
    ring_s double precision,
    wait_s double precision,
    talk_s double precision,
    hold_s double precision,
    wrap_up_s double precision,
    basis jsonb DEFAULT '{}' NOT NULL,
    queue text,
    agent text,
    agent_name text,
    from_number text,
    to_number text,
    external_number text,
    source text,
    disposition text,
    tags jsonb DEFAULT '[]' NOT NULL,
    voicemail boolean DEFAULT false NOT NULL,
    recording boolean DEFAULT false NOT NULL,
    transferred_to text,
    csat integer,
    resolved boolean,
    escalated boolean,
    topic text,
    converted boolean,
    appointment boolean,
    note text,
    segments jsonb DEFAULT '[]' NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE call_alias (
    connection uuid NOT NULL,
    alias text NOT NULL,
    call uuid NOT NULL,
    PRIMARY KEY (connection, alias)
);

CREATE TABLE call_fact (
    connection uuid NOT NULL,
    key text NOT NULL,
    delivery uuid,
    actor text,
    call uuid,
    scope text NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    values jsonb NOT NULL,
    PRIMARY KEY (connection, key)
);

CREATE TABLE call_record (
    call text NOT NULL,
    activity text NOT NULL,
    record text NOT NULL,
    project text NOT NULL,
    logged_at timestamptz NOT NULL,
    PRIMARY KEY (call, activity)
);

CREATE TABLE call_talk (
    call uuid NOT NULL,
    agent_id text NOT NULL,
    ended_at timestamptz NOT NULL,
    connection uuid NOT NULL,
    wrap_up_s double precision,
    PRIMARY KEY (call, agent_id, ended_at)
);

CREATE TABLE connection (
    id uuid NOT NULL,
    provider text NOT NULL,
    name text NOT NULL,
    token text NOT NULL,
    secrets jsonb NOT NULL,
    public_url text,
    settings jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (token)
);

CREATE TABLE delivery (
    id uuid NOT NULL,
    connection uuid NOT NULL,
    path text NOT NULL,
    query text NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    key text,
    received_at timestamptz DEFAULT app_now() NOT NULL,
    traceparent text,
    state text NOT NULL,
    reason text,
    settled_at timestamptz,
    PRIMARY KEY (id)
);

CREATE TABLE number (
    number text NOT NULL,
    source text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (number)
)
"""

INDEXES = """
CREATE UNIQUE INDEX agent_identity ON agent (connection, provider_agent);
CREATE INDEX call_began ON call (coalesce(started_at, first_seen_at) DESC, id DESC);
CREATE INDEX call_from_number ON call (from_number);
CREATE UNIQUE INDEX call_identity ON call (connection, provider_call_id);
CREATE INDEX call_provider_id ON call (provider_call_id);
CREATE INDEX call_to_number ON call (to_number);
CREATE INDEX call_fact_call ON call_fact (call) WHERE call IS NOT NULL;
CREATE INDEX call_fact_delivery ON call_fact (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX call_fact_subject ON call_fact (connection, subject, at) WHERE scope != 'call';
CREATE INDEX call_talk_agent ON call_talk (connection, agent_id, ended_at);
CREATE INDEX delivery_key ON delivery (connection, key) WHERE key IS NOT NULL;
CREATE INDEX delivery_quarantined ON delivery (id) WHERE state = 'quarantined';
CREATE INDEX delivery_waiting ON delivery (id) WHERE state = 'received'
"""


def upgrade() -> None:
    create_platform(op)
    for statement in (TABLES + ";" + INDEXES).split(";"):
        op.execute(statement)
    # A changed connection must be known at once to whoever holds connections in memory.
    op.execute("CREATE TRIGGER wake AFTER INSERT OR UPDATE ON connection FOR EACH STATEMENT EXECUTE FUNCTION wake()")
