"""Whether a rule runs, and why. Pure: the same event, record and time always give the same answer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from automations.domain.chain import loop
from automations.domain.happening import Happening
from automations.domain.reading import ReadRule
from automations.domain.trigger import EventTrigger
from automations.domain.workspace import Workspace
from shared.contracts.records import RecordSnapshot
from shared.errors import Invalid
from shared.expressions import Filter, Finding, python
from shared.expressions.rates import NO_RATES, Rates

# Reasons that are states of the world; a reason that is a mistake is a sentence.
CONDITION_FALSE = "condition_false"
NO_TARGET = "no_target"
SKIP_WHEN = "skip_when"


@dataclass(frozen=True)
class Decision:
    """``why`` is every condition with what was wanted, what stood there, and whether it holds."""

    state: Literal["running", "skipped", "failed", "loop_stopped"]
    reason: str | None = None
    why: tuple[Finding, ...] = ()

    @property
    def shown_why(self) -> list[dict[str, Any]]:
        """``why`` as JSON."""
        return [asdict(each) for each in self.why]


@dataclass(frozen=True)
class Sight:
    """What can be seen besides the record: the schema, the records it leads to, and the time."""

    workspace: Workspace
    now: datetime
    related: Mapping[str, Mapping[str, Any]]
    # (project, link field, record) that are referenced, for conditions of the kind `exists`
    referenced: frozenset[tuple[str, str, str]] = frozenset()
    # those that reference, by the same
    linking: Mapping[tuple[str, str, str], Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    rates: Rates = NO_RATES

    @property
    def context(self) -> python.Context:
        return python.Context(
            self.workspace.schema,
            now=self.now,
            resolve=self.related.get,
            referencing=lambda project, field, record: (project, field, record) in self.referenced,
            linking=lambda project, field, record: self.linking.get((project, field, record), ()),
            rates=self.rates,
        )

    def holds(self, tree: Filter, record: RecordSnapshot) -> bool:
        return python.holds(tree, record.model_dump(mode="json"), self.context)

    def explain(self, tree: Filter, record: RecordSnapshot) -> tuple[Finding, ...]:
        return python.explain(tree, record.model_dump(mode="json"), self.context)

    def value(self, field: str, record: RecordSnapshot) -> Any:
        return python.value(field, record.model_dump(mode="json"), self.context)


def decide(rule: ReadRule, happening: Happening, target: RecordSnapshot | None, sight: Sight) -> Decision:
    """What becomes of the run of a rule whose trigger matched; ``target`` is the record it would act on."""
    stopped = loop(rule.rule.id, happening.depth, happening.origin)
    if stopped:
        return Decision("loop_stopped", stopped)
    ignored = isinstance(rule.trigger, EventTrigger) and rule.trigger.ignores(happening, rule.settings, sight.now)
    if ignored:
        return Decision("skipped", ignored)
    if target is None:
        return Decision("skipped", NO_TARGET)
    return judge(rule, target, sight)


def judge(rule: ReadRule, record: RecordSnapshot, sight: Sight) -> Decision:
    """Whether the rule's condition holds for the record."""
    try:
        condition = rule.condition(sight.workspace)
    except Invalid as error:
        return Decision("failed", f"The condition no longer fits the project: {error.detail}")
    why = sight.explain(condition, record)
    if sight.holds(condition, record):
        return Decision("running", None, why)
    return Decision("skipped", CONDITION_FALSE, why)
