"""One account at one telephony provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from calls.domain.hook import Answer

# The setting that says how long a provider may greet us, which we make ourselves.
HANDSHAKE = "handshake_until"


@dataclass(frozen=True, slots=True)
class Connection:
    """Its hook is found by ``token``.

    ``secrets`` holds one live value by name, or several while one is being rotated. ``public_url`` is the address the
    provider posts to, where it signs that. ``settings`` are described in the API's model of them.
    """

    id: str
    provider: str
    name: str
    token: str
    secrets: Mapping[str, str | list[str]]
    public_url: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1

    @property
    def live_secrets(self) -> dict[str, list[str]]:
        return {name: [value] if isinstance(value, str) else value for name, value in self.secrets.items()}

    @property
    def given_settings(self) -> dict[str, Any]:
        """Without what we keep there for a while ourselves."""
        return {name: value for name, value in self.settings.items() if name != HANDSHAKE}

    def settings_given(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """These instead, and what we keep there."""
        return dict(given) | {name: value for name, value in self.settings.items() if name == HANDSHAKE}

    @property
    def hook_path(self) -> str:
        return f"/hooks/{self.provider}/{self.token}"

    def address_at(self, told: str | None) -> str | None:
        """The address of its hook; told of a host alone, it is the usual path there."""
        if told and urlsplit(told).path in ("", "/"):
            return told.rstrip("/") + self.hook_path
        return told

    @property
    def answer(self) -> Answer:
        """What a stored delivery is answered with: nothing, unless the settings hold a fixed document."""
        fixed = self.settings.get("response")
        if not fixed:
            return Answer()
        return Answer(fixed["status"], fixed["body"].encode(), {"content-type": fixed["content_type"]})
