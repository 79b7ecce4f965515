"""What every type of field can do. The types themselves are one file each in `records.domain.fields`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from records.domain.configuration import known_settings
from records.domain.notation import PLAIN, Notation
from shared.errors import Invalid
from shared.expressions import Kind

Config = Mapping[str, Any]


class FieldType(ABC):
    """One type of field. A stored value is canonical JSON of its ``kind``; None never is one: empty means absent.

    Methods raise `Invalid` with a sentence; whoever calls adds the pointer. A type whose ``kind`` is None takes no
    values in: it is computed when read (`ComputedType`) or has none at all.
    """

    name: ClassVar[str]
    kind: ClassVar[Kind | None]
    settings: ClassVar[frozenset[str]] = frozenset()
    is_computed: ClassVar[bool] = False
    # How the page of a form asks for it: HTML's type of input, or `textarea`, and what browsers may fill in.
    input: ClassVar[str] = "text"
    autocomplete: ClassVar[str] = "off"

    def kind_of(self, config: Config) -> Kind | None:  # noqa: ARG002 — some types look at it
        """The kind of this one field: of some types a field holds one value or several."""
        return self.kind

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

    def check_change(self, before: Any, after: Any, config: Config) -> None:  # noqa: B027 — most types have no such value
        """Raises `Invalid` where a stored value may stay but not be put in anew. None is an empty one."""

    def present(self, stored: Any, config: Config) -> Any:  # noqa: ARG002 — some types look at it
        """A stored value as the API gives it; `parse` takes it back unchanged."""
        return stored

    def to_text(self, stored: Any, config: Config) -> str:
        """A stored value as a cell of a CSV file; `from_text` takes it back unchanged."""
        return str(self.present(stored, config))

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> Any:  # noqa: ARG002 — some look at it
        """A cell of a file, or what somebody wrote into a form, as it is stored. The text is not empty."""
        return self.parse(text, config)


class ComputedType(FieldType):
    """A type whose value is worked out when read. What it is worked out from stands in its configuration."""

    kind = None
    is_computed = True

    def parse(self, value: object, config: Config) -> Any:  # noqa: ARG002 — it takes none
        raise Invalid("is computed and takes no value.")
