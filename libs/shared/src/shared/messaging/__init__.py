"""The bus: streams made by us, the outbox relay going out, consumers with an inbox coming in."""

from shared.messaging.consumers import Consumers

__all__ = ["Consumers"]
