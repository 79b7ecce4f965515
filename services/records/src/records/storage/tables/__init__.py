"""The tables, a module a subject, with the names of `records.domain`."""

from records.storage.tables import (
    activities,
    documents,
    forms,
    guides,
    people,
    privacy,
    records,
    schemas,
    selections,
    transfers,
)
from records.storage.tables.columns import metadata

__all__ = [
    "activities",
    "documents",
    "forms",
    "guides",
    "metadata",
    "people",
    "privacy",
    "records",
    "schemas",
    "selections",
    "transfers",
]
