"""A web address."""

from urllib.parse import urlsplit

from records.domain.field_type import Config, FieldType
from records.domain.notation import PLAIN, Notation
from records.domain.texts import text_of
from shared.errors import Invalid
from shared.expressions import Kind

LONGEST = 2_048


class Url(FieldType):
    name = "url"
    kind = Kind.TEXT
    input = "url"
    autocomplete = "url"

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — nothing to configure
        address = text_of(value, LONGEST)
        if not _is_web_address(address):
            raise Invalid("must be a web address like https://example.com/page.")
        return address

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str:  # noqa: ARG002 — nothing to ask
        """``example.com`` means ``https://example.com``: nobody writes the scheme."""
        address = text.strip()
        return self.parse(address if "://" in address or ":" in address else f"https://{address}", config)


def _is_web_address(address: str) -> bool:
    """Only http and https: a link is there to be clicked, and ``javascript:`` must never be."""
    try:
        parts = urlsplit(address)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port_is_sound and " " not in address


TYPE = Url()
