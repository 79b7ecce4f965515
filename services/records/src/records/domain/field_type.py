"""What every type of field can do. The types themselves are one file each in `records.domain.fields`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from records.domain.configuration import known_settings
from shared.errors import Invalid
from shared.expressions import Kind

Config = Mapping[str, Any]


class FieldType(ABC):
    """One type of field. A stored value is canonical JSON of its ``kind``; None never is one: empty means absent.

    Methods raise `Invalid` with a sentence; whoever calls adds the pointer. A type whose ``kind`` is None is
    computed: it is read through `shared.expressions` and takes no values in.
    """

    name: ClassVar[str]
    kind: ClassVar[Kind | None]
    settings: ClassVar[frozenset[str]] = frozenset()

    def configure(self, config: Config) -> dict[str, Any]:
        """The configuration as it is stored: checked, with defaults filled in."""
        known_settings(config, self.settings)
        return dict(config)

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:  # noqa: ARG002 — some types look at it
        """The new configuration of a field that may have values already, which have to survive it."""
        return self.configure(config)

    @abstractmethod
    def parse(self, value: object, config: Config) -> Any:
        """A value of the API as it is stored."""

    def present(self, stored: Any, config: Config) -> Any:  # noqa: ARG002 — some types look at it
        """A stored value as the API gives it; `parse` takes it back unchanged."""
        return stored

    def to_text(self, stored: Any, config: Config) -> str:
        """A stored value as a cell of a CSV file."""
        return str(self.present(stored, config))


class ComputedType(FieldType):
    """A type whose value is worked out when read. What it is worked out from stands in its configuration."""

    kind = None

    def parse(self, value: object, config: Config) -> Any:  # noqa: ARG002 — it takes none
        raise Invalid("is computed and takes no value.")
