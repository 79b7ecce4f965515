"""The events that travel on the bus: one module a publishing service, each type with a golden example.

The name of an event is at once its NATS subject, its CloudEvents ``type`` and its AsyncAPI channel.
Within ``v1`` only optional fields are added, and readers ignore the ones they do not know.
"""

from shared.contracts import automations, calls, records
from shared.contracts.event import Envelope, Event

__all__ = ["Envelope", "Event", "event_types"]


def event_types() -> dict[str, type[Event]]:
    """Every event there is, by its name."""
    modules = (automations, calls, records)
    members = [member for module in modules for member in vars(module).values()]
    events = [each for each in members if isinstance(each, type) and issubclass(each, Event) and hasattr(each, "type")]
    return {each.type: each for each in events}
