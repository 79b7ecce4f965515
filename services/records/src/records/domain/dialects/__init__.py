"""Templates as others write them, put into our words: a file for each ``apiVersion``, named after it."""

from collections.abc import Callable, Mapping
from typing import Any

from records.domain.dialects import guide_v1, template_v1
from records.domain.plan import Skipped

Tree = Mapping[str, Any]


def as_ours(given: Tree, shipped: Callable[[str], Tree]) -> tuple[dict[str, Any], list[Skipped]]:
    """The template in our words, and what was left out. ``shipped`` gives one of ours by its key."""
    if given.get("apiVersion") == template_v1.VERSION:
        return template_v1.as_ours(given)
    if given.get("apiVersion") == guide_v1.VERSION:
        return guide_v1.as_ours(given, shipped(guide_v1.OURS))
    return dict(given), []
