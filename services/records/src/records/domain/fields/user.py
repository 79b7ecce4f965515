"""A user of the workspace, by id. That the user exists is checked where the record is written."""

from records.domain.field_type import Config, FieldType
from records.domain.identifiers import identifier_of
from shared.expressions import Kind


class User(FieldType):
    name = "user"
    kind = Kind.USER

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — nothing to configure
        return identifier_of(value, "a user's id")


TYPE = User()
