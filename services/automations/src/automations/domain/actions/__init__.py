"""The action types: each file here is one, found by its name in the rule. A new file is the whole change."""

from automations.domain.action import Action
from automations.domain.clauses import collect

TYPES: dict[str, type[Action]] = collect(__path__, __name__, Action)
