"""People at providers, and what the workspace says of queues and of how calls end."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from calls.storage.tables.columns import Id, Moment, metadata

# People at providers, and the user each of them is, where told.
agent = Table(
    "agent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("connection", Id, nullable=False),
    Column("provider_agent", Text, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("user", Text),
    Column("seen_at", Moment, nullable=False),
    Column("version", BigInteger, nullable=False),
)
Index("agent_identity", agent.c.connection, agent.c.provider_agent, unique=True)

# What is expected of queues, by the names that calls have of them. A deleted one stays, for its version.
queue = Table(
    "queue",
    metadata,
    Column("name", Text, primary_key=True),
    Column("threshold_s", Float),
    Column("short_abandon_s", Float),
    Column("deleted", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# The dispositions agents may choose from, and what each says of a call beside its name.
disposition = Table(
    "disposition",
    metadata,
    Column("name", Text, primary_key=True),
    Column("converted", Boolean),
    Column("appointment", Boolean),
    Column("follow_up", Boolean),
    Column("position", Integer, nullable=False),
)
