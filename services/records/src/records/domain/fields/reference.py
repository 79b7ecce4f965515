"""A link to records of another project: one, or with ``multiple`` several.

``project`` is the other project's key; ``filter`` says which of its records may be chosen, and is held against them
when the link is made. Links are kept beside the values, so `parse` always gives a list.
"""

import re
from typing import Any

from records.domain.configuration import flag, known_settings
from records.domain.field_type import Config, FieldType
from records.domain.identifiers import identifier_of
from records.domain.notation import PLAIN, Notation
from shared.errors import Invalid
from shared.expressions import Kind

MOST_LINKS = 100


class Reference(FieldType):
    name = "reference"
    kind = Kind.LINK
    settings = frozenset({"project", "multiple", "filter"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        project, condition = config.get("project"), config.get("filter")
        if not isinstance(project, str) or not project:
            raise Invalid.at("/config/project", "'project' is the key of the project to link to.")
        if not isinstance(condition, dict | None):
            raise Invalid.at("/config/filter", '\'filter\' is a filter like {"list": ["closed_won"]}.')
        chosen = {"project": project, "multiple": flag(config, "multiple")}
        return chosen | ({"filter": condition} if condition else {})

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        after = self.configure(config)
        if after["project"] != before["project"] or (before["multiple"] and not after["multiple"]):
            raise Invalid.at("/config", "Links that were made must stay valid: neither the project nor several to one.")
        return after

    def parse(self, value: object, config: Config) -> list[str]:
        given = value if isinstance(value, list) else [value]
        if len(given) > (MOST_LINKS if config["multiple"] else 1):
            raise Invalid(f"may link to {f'at most {MOST_LINKS} records' if config['multiple'] else 'one record'}.")
        return list(dict.fromkeys(identifier_of(each, "the id of a record") for each in given))

    def present(self, stored: list[str], config: Config) -> str | list[str]:
        return stored if config["multiple"] else stored[0]

    def to_text(self, stored: list[str], config: Config) -> str:  # noqa: ARG002 — as stored
        return ", ".join(stored)

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> list[str]:  # noqa: ARG002 — nothing to ask
        """Ids. Whoever knows the records' titles turns those into ids first."""
        return self.parse([each for each in re.split(r"[,;|\s]+", text) if each], config)


TYPE = Reference()
