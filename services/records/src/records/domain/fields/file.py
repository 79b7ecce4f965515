"""Files that were uploaded (``POST /v1/files``): one, or with ``multiple`` several. A value is a list of their ids.

Name, size and type are those of the upload; they are filled in where the record is written.
"""

import re
from typing import Any

from records.domain.configuration import flag, known_settings
from records.domain.field_type import Config, FieldType
from records.domain.identifiers import identifier_of
from records.domain.notation import PLAIN, Notation
from shared.errors import Invalid
from shared.expressions import Kind

MOST_FILES = 100
PARTS = frozenset({"id", "name", "size", "type"})


class File(FieldType):
    name = "file"
    kind = Kind.FILE
    settings = frozenset({"multiple"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        return {"multiple": flag(config, "multiple")}

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        after = self.configure(config)
        if before["multiple"] and not after["multiple"]:
            raise Invalid.at("/config/multiple", "Records may hold several files already, so 'multiple' stays true.")
        return after

    def parse(self, value: object, config: Config) -> list[dict[str, Any]]:
        given = value if isinstance(value, list) else [value]
        most = MOST_FILES if config["multiple"] else 1
        if len(given) > most:
            raise Invalid(f"may hold {f'at most {most} files' if most > 1 else 'one file'}.")
        files = [_file(each) for each in given]
        return list({each["id"]: each for each in files}.values())

    def to_text(self, stored: list[dict[str, Any]], config: Config) -> str:  # noqa: ARG002 — as stored
        return ", ".join(f"{each['id']} ({_readable(each)})" if each.get("name") else each["id"] for each in stored)

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> list[dict[str, Any]]:  # noqa: ARG002 — ids
        """The ids in it; their names are known by them."""
        return self.parse([{"id": each} for each in _IDS.findall(text)] or text, config)


def _readable(file: dict[str, Any]) -> str:
    return _IDS.sub("…", file["name"])


_IDS = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _file(given: object) -> dict[str, Any]:
    """The reference to a file. What else the caller says of it is not believed."""
    parts = given if isinstance(given, dict) else {"id": given}
    if set(parts) - PARTS:
        raise Invalid("must be a list of the ids of uploaded files.")
    return {"id": identifier_of(parts.get("id"), "a list of the ids of uploaded files")}


TYPE = File()
