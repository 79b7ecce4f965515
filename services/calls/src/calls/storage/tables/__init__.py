"""The tables, a module a subject."""

from calls.storage.tables import agents, calls, deliveries, marketing
from calls.storage.tables.columns import metadata

__all__ = ["agents", "calls", "deliveries", "marketing", "metadata"]
