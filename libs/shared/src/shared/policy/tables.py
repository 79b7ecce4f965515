"""The tables that rights are read from, the same in every service. records owns the roles; all others keep copies."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, Table, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()

# As `records.role.changed.v1` tells it; deleted ones stay, so that the sum of the versions rises with every change.
role = Table(
    "role",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("permissions", JSONB, nullable=False),
    Column("record_scope", Text, nullable=False),
    Column("default_field_permission", Text, nullable=False),
    Column("field_permissions", JSONB, nullable=False),
    Column("default_list_permission", Text, nullable=False),
    Column("list_permissions", JSONB, nullable=False),
    Column("allowed_tags", ARRAY(Text), nullable=False),
    Column("denied_tags", ARRAY(Text), nullable=False),
    Column("users", ARRAY(Text), nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
)

# What rights need to know of a user. In records this is a view of its own users.
account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("subject", Text),
    Column("teams", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
Index("account_email", func.lower(account.c.email))
Index("account_subject", account.c.subject)


def create_rights(op: Any) -> None:
    """For a migration: the copies of roles and users."""
    metadata.create_all(op.get_bind())


def create_roles(op: Any) -> None:
    """The same where the users themselves are at home."""
    role.create(op.get_bind())
