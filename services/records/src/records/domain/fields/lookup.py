"""A value of another record, read through references and never copied.

``path`` names the reference to follow, further references of the projects reached, and last the field to read there
(or ``title``): ``["opportunity", "customer", "email"]`` is a lookup of a lookup.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import ComputedType, Config
from shared.errors import Invalid

SHORTEST, LONGEST = 2, 8


class Lookup(ComputedType):
    name = "lookup"
    settings = frozenset({"path"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        path = config.get("path")
        if not isinstance(path, list) or not all(isinstance(step, str) and step for step in path):
            raise Invalid.at("/config/path", '\'path\' is a list of field keys, like ["customer", "email"].')
        if not SHORTEST <= len(path) <= LONGEST:
            raise Invalid.at("/config/path", f"'path' has {SHORTEST} to {LONGEST} steps: references, then a field.")
        return {"path": path}


TYPE = Lookup()
