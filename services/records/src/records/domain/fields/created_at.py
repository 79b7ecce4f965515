"""When the record was made, as a field among the others."""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import ComputedType, Config

PATH = ["created_at"]


class CreatedAt(ComputedType):
    name = "created_at"

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings({} if config == {"path": PATH} else config, self.settings)
        return {"path": PATH}


TYPE = CreatedAt()
