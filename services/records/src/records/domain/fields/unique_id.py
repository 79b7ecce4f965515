"""A number that a record is given when it is made and keeps for ever: ``KANS-00001``. None is given twice.

``prefix`` stands before it, ``digits`` (5) is how wide it is, ``start`` (1) the first one. They are given out in
order, yet with gaps: a number taken by a change that failed is not given again. Without ``sequential`` it is random.
A record moved in from elsewhere may bring its own; those given out then go on behind it.
"""

import secrets
from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import Config, FieldType
from records.domain.texts import text_of
from shared.errors import Invalid
from shared.expressions import Kind

LONGEST_PREFIX = 20
MOST_DIGITS = 12
LARGEST_START = 10**12
MOST_GIVEN_DIGITS = 15
LONGEST = 60
# No 0, O, 1, I or L: these are read aloud.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_LENGTH = 12
DEFAULTS: dict[str, Any] = {"prefix": "", "sequential": True, "digits": 5, "start": 1}


class UniqueId(FieldType):
    name = "unique_id"
    kind = Kind.TEXT
    settings = frozenset(DEFAULTS)

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        given = DEFAULTS | {name: value for name, value in config.items() if value is not None}
        _check_prefix(given["prefix"])
        if not isinstance(given["sequential"], bool):
            raise Invalid.at("/config/sequential", "'sequential' is true or false.")
        for name, most in (("digits", MOST_DIGITS), ("start", LARGEST_START)):
            if isinstance(given[name], bool) or not isinstance(given[name], int) or not 0 <= given[name] <= most:
                raise Invalid.at(f"/config/{name}", f"'{name}' is a whole number up to {most:,}.")
        return given

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        after = self.configure(config)
        for name in ("sequential", "start"):
            if after[name] != before[name]:
                raise Invalid.at(f"/config/{name}", f"'{name}' stays as it is: numbers were given out by it.")
        return after

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — only what it was is let through, below
        return text_of(value, LONGEST)

    def check_change(self, before: str | None, after: str | None, config: Config) -> None:  # noqa: ARG002 — as said
        if before is not None and before != after:
            raise Invalid("is given out once and never changed.")

    def written(self, number: int | None, config: Config) -> str:
        """The id of that number, or a random one."""
        if number is None:
            return str(config["prefix"]) + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
        return f"{config['prefix']}{number:0{config['digits'] or 1}}"

    def number_of(self, written: str, config: Config) -> int | None:
        """The number in an id, if it is one that could be given out in order."""
        digits = written.removeprefix(config["prefix"])
        is_number = config["sequential"] and written.startswith(config["prefix"]) and digits.isdecimal()
        return int(digits) if is_number and len(digits) <= MOST_GIVEN_DIGITS else None


def _check_prefix(prefix: object) -> None:
    try:
        text_of(prefix, LONGEST_PREFIX)
    except Invalid as problem:
        raise Invalid.at("/config/prefix", f"'prefix' {problem.detail}") from problem


TYPE = UniqueId()
