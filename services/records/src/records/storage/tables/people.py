"""Who there is."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY

from records.storage.tables.columns import id_, metadata, moment

user = Table(
    "user",
    metadata,
    id_("id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    moment("away_until", nullable=True),
    Column("capacity", Integer),
    Column("subject", Text),
    Column("version", BigInteger, nullable=False),
    moment("created_at"),
)
Index("user_email", func.lower(user.c.email), unique=True)
Index("user_subject", user.c.subject, unique=True)
# For the view `account`, by which rights find a user.
Index("user_as_text", func.cast(user.c.id, Text))

# `owner` is an actor: `user:<id>` or `key:<id>`.
preference = Table(
    "preference",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Boolean, nullable=False),
)
