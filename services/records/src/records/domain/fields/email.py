"""An e-mail address; its domain is kept in small letters, the part before it as written."""

import re

from records.domain.field_type import Config, FieldType
from records.domain.texts import text_of
from shared.errors import Invalid
from shared.expressions import Kind

LONGEST = 254
_LOCAL = re.compile(r"[^\s@<>(),:;\\\"\[\]]{1,64}")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])")


class Email(FieldType):
    name = "email"
    kind = Kind.TEXT
    input = "email"
    autocomplete = "email"

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — nothing to configure
        local, _, domain = text_of(value, LONGEST).strip().rpartition("@")
        domain = domain.lower()
        if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
            raise Invalid("must be an e-mail address like jo@example.com.")
        return f"{local}@{domain}"


TYPE = Email()
