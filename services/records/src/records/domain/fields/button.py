"""A button on every record, for rules to wait for. It has no value.

``confirm`` says how sure the one who presses it must be: ``none``, ``soft`` (asked once) or ``hard`` (has to write
``phrase``). The confirmation is asked of everyone, whatever they press it with.
"""

from collections.abc import Mapping
from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import Config, FieldType
from records.domain.texts import text_of
from shared.errors import Invalid

CONFIRMATIONS = ("none", "soft", "hard")
LONGEST_PHRASE = 100
LONGEST_COLOR = 30


class Button(FieldType):
    name = "button"
    kind = None
    settings = frozenset({"confirm", "phrase", "color"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        confirm, phrase = config.get("confirm", "none"), _text(config, "phrase", LONGEST_PHRASE)
        if confirm not in CONFIRMATIONS:
            raise Invalid.at("/config/confirm", f"'confirm' is one of {', '.join(CONFIRMATIONS)}.")
        if (confirm == "hard") != bool(phrase):
            raise Invalid.at("/config/phrase", "'phrase' is what is to be written for a hard confirmation, only then.")
        return {"confirm": confirm} | phrase | _text(config, "color", LONGEST_COLOR)

    def parse(self, value: object, config: Config) -> Any:  # noqa: ARG002 — it takes none
        raise Invalid("is a button and takes no value.")

    def check_press(self, given: Mapping[str, Any], config: Config) -> None:
        """Raises `Invalid` where the press ``{"confirmed"?, "phrase"?}`` is not confirmed as it must be."""
        if config["confirm"] == "soft" and given.get("confirmed") is not True:
            raise Invalid.at("/confirmed", 'This button asks to be confirmed: send "confirmed": true.')
        if config["confirm"] == "hard" and given.get("phrase") != config["phrase"]:
            raise Invalid.at("/phrase", f"This button asks for the phrase '{config['phrase']}'.")


def _text(config: Config, name: str, longest: int) -> dict[str, str]:
    if not config.get(name):
        return {}
    try:
        return {name: text_of(config[name], longest)}
    except Invalid as problem:
        raise Invalid.at(f"/config/{name}", f"'{name}' {problem.detail}") from problem


TYPE = Button()
