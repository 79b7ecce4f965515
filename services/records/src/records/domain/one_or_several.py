"""Fields that hold one value, or with ``multiple`` a list of such values, each once and in the order given."""

import re
from abc import abstractmethod
from typing import Any, ClassVar

from records.domain.configuration import flag, known_settings
from records.domain.field_type import Config, FieldType
from records.domain.notation import PLAIN, Notation
from shared.errors import Invalid
from shared.expressions import Kind


class OneOrSeveral(FieldType):
    """What is left to a type: reading and naming one value. In texts ``between`` parts several."""

    kind: ClassVar[Kind]
    settings = frozenset({"multiple"})
    plural: ClassVar[str]
    most: ClassVar[int]
    between: ClassVar[re.Pattern[str]]
    joint: ClassVar[str]

    @abstractmethod
    def read(self, value: object) -> str:
        """One value of the API as it is stored."""

    def name_of(self, stored: str) -> str:
        """One value as people read it; `read` takes it back."""
        return stored

    def kind_of(self, config: Config) -> Kind:
        return Kind.OPTIONS if config.get("multiple") else self.kind

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        return {"multiple": True} if flag(config, "multiple") else {}

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        after = self.configure(config)
        if bool(before.get("multiple")) != bool(after.get("multiple")):
            raise Invalid.at("/config/multiple", "'multiple' stays as it is: values are stored by it.")
        return after

    def parse(self, value: object, config: Config) -> str | list[str]:
        if not config.get("multiple"):
            return self.read(value)
        if not isinstance(value, list) or len(value) > self.most:
            raise Invalid(f"must be a list of at most {self.most} {self.plural}.")
        return list(dict.fromkeys(self.read(each) for each in value))

    def to_text(self, stored: str | list[str], config: Config) -> str:  # noqa: ARG002 — as stored
        return self.joint.join(map(self.name_of, [stored] if isinstance(stored, str) else stored))

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str | list[str]:  # noqa: ARG002 — no numbers
        if not config.get("multiple"):
            return self.parse(text.strip(), config)
        return self.parse([each.strip() for each in self.between.split(text) if each.strip()], config)
