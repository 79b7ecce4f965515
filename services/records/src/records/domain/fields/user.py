"""A user of the workspace by id, or with ``multiple`` several. Where the record is written they have to exist."""

import re
from typing import Any

from records.domain.configuration import flag, known_settings, same_number
from records.domain.field_type import Config, FieldType
from records.domain.identifiers import identifier_of
from records.domain.notation import PLAIN, Notation
from shared.errors import Invalid
from shared.expressions import Kind

MOST_USERS = 50


class User(FieldType):
    name = "user"
    kind = Kind.USER
    settings = frozenset({"multiple"})

    def kind_of(self, config: Config) -> Kind:
        return Kind.OPTIONS if config.get("multiple") else Kind.USER

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        return {"multiple": True} if flag(config, "multiple") else {}

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        return same_number(before, self.configure(config))

    def parse(self, value: object, config: Config) -> str | list[str]:
        if not config.get("multiple"):
            return identifier_of(value, "a user's id")
        if not isinstance(value, list) or len(value) > MOST_USERS:
            raise Invalid(f"must be a list of at most {MOST_USERS} users' ids.")
        return list(dict.fromkeys(identifier_of(each, "a list of users' ids") for each in value))

    def to_text(self, stored: str | list[str], config: Config) -> str:  # noqa: ARG002 — as stored
        return stored if isinstance(stored, str) else ", ".join(stored)

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str | list[str]:  # noqa: ARG002 — ids
        """Ids. Whoever knows the users' addresses turns those into ids first."""
        words = [each for each in re.split(r"[,;|\s]+", text) if each]
        return self.parse(words if config.get("multiple") else text.strip(), config)


TYPE = User()
