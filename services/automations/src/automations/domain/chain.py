"""Rules may set each other off, but not for ever."""

from collections.abc import Sequence

DEEPEST = 8


def loop(rule: str, depth: int, origin: Sequence[str]) -> str | None:
    """Why the chain stops before this rule, or None: at depth 8, or when the rule is in the chain already."""
    if rule in origin:
        return f"This rule is already part of the chain {_shown(origin)}."
    if depth >= DEEPEST:
        return f"The chain is {depth} rules deep: {_shown(origin)}."
    return None


def _shown(origin: Sequence[str]) -> str:
    return " → ".join(origin)
