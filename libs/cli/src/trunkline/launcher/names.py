"""The names of the parts, in the order of their ports."""

SERVICES = ("records", "automations", "calls", "analytics")
