"""Calls that are no customer's: they are kept and shown, and no statistic counts them unless asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from calls.domain.fact import Fact
from calls.domain.reduction import anyone, latest

# Between colleagues; with one of our own lines; somebody trying things out; unwanted.
FLAGS = ("internal", "own_number", "test", "spam")
# The settings of a connection whose numbers mean a flag.
BY_SETTING = {"own_numbers": "own_number", "test_numbers": "test", "spam_numbers": "spam"}


def flagged_numbers(settings: Mapping[str, Any]) -> dict[str, str]:
    """What each number of the settings says of a call with it."""
    return {number: flag for setting, flag in BY_SETTING.items() for number in settings.get(setting) or ()}


def flags(
    facts: Sequence[Fact], external_number: str | None, flagged: Mapping[str, str], *, internal: bool = False
) -> tuple[str, ...]:
    """As the provider says, by the other side's number, and by a tag or a disposition that is a flag's name."""
    words = {str(word).casefold() for word in (*(latest(facts, "tags") or ()), latest(facts, "disposition"))}
    found = (
        words
        | {flagged.get(external_number or "")}
        | ({"internal"} if internal or anyone(facts, "internal") else set())
    )
    return tuple(flag for flag in FLAGS if flag in found)
