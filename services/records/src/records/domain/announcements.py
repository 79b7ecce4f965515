"""Snapshots that may be told again: their ids are made of what they tell, so that a repeat is recognised."""

from uuid import UUID, uuid5

from shared.contracts.records import KeyChanged, ProjectChanged, RateChanged, RoleChanged, UserChanged

_NAMESPACE = UUID("6a5c2b1e-7d1f-4b0f-9a2e-3c8d5f6e7a90")

Snapshot = ProjectChanged | KeyChanged | UserChanged | RoleChanged | RateChanged


def event_id(event: Snapshot) -> str:
    """The same for the same version of the same thing, whenever it is told."""
    return str(uuid5(_NAMESPACE, f"{event.type}/{event.aggregate}/{event.version}"))
