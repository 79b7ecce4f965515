"""The events that travel on the bus: one module a publishing service, each type with a golden example.

The name of an event is at once its NATS subject, its CloudEvents ``type`` and its AsyncAPI channel.
Within ``v1`` only optional fields are added, and readers ignore the ones they do not know.
"""

from shared.contracts.event import Envelope, Event

__all__ = ["Envelope", "Event"]
