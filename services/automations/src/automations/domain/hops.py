"""Which other records a rule looks at: the chains of references its conditions and texts go through."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from automations.domain.action import Action
from automations.domain.clause import Condition
from automations.domain.names import fields_in
from automations.domain.reading import ReadRule, condition
from automations.domain.texts import blanks
from automations.domain.workspace import ANY, Workspace
from shared.errors import Invalid
from shared.expressions import Filter, Operand, Step, find_operand, hops_in
from shared.expressions.tree import Money, Related, conditions_in

# Keys of link fields, or steps back to those that link here, one after the other.
Hops = tuple[Step, ...]


@dataclass(frozen=True)
class Looks:
    """``hops``: every chain with its beginnings. ``relations``: (project, link field) asked about by `exists`.

    ``currencies``: those of the amounts that conditions compare with.
    """

    hops: frozenset[Hops] = frozenset()
    relations: frozenset[tuple[str, str]] = frozenset()
    currencies: frozenset[str] = frozenset()

    def __or__(self, other: "Looks") -> "Looks":
        relations, currencies = self.relations | other.relations, self.currencies | other.currencies
        return Looks(self.hops | other.hops, relations, currencies)


def together(looks: Iterable[Looks]) -> Looks:
    return reduce(or_, looks, Looks())


def of_filter(tree: Filter) -> Looks:
    relations = frozenset((each.project, each.field) for each in conditions_in(tree) if isinstance(each, Related))
    return Looks(hops_in(tree), relations, currencies_in(tree))


def currencies_in(tree: Filter) -> frozenset[str]:
    """Of the amounts that its conditions compare with."""
    compared = (each for leaf in conditions_in(tree) for each in getattr(leaf, "arguments", ()))
    return frozenset(each.currency for each in compared if isinstance(each, Money))


def operands_of(tree: Filter) -> list[Operand]:
    """What the conditions inside ask about."""
    return [each.operand for each in conditions_in(tree) if not isinstance(each, Related)]


def of_rule(rule: ReadRule, workspace: Workspace) -> Looks:
    """What the rule's own condition looks at; nothing where it no longer fits the schema: judging it says so."""
    try:
        return of_filter(rule.condition(workspace))
    except Invalid:
        return Looks()


def of_action(action: Action, project: str | None, workspace: Workspace) -> Looks:
    """What one action's conditions and texts look at."""
    asked = {each for text in action.texts().values() for each in blanks(text)}
    fields = fields_in(asked, workspace.projects.get(project or ANY)).values()
    operands = [found for name in fields if (found := _operand(name, project, workspace))]
    looks = of_written(action.conditions().values(), project, workspace) | Looks(hops_in(*operands))
    for other, conditions in action.reaches().items():
        looks |= of_written([written for _, written in conditions], other, workspace)
    return looks


def of_written(conditions: Iterable[Condition], project: str | None, workspace: Workspace) -> Looks:
    looks = Looks()
    for each in conditions:
        try:
            looks |= of_filter(condition(each, project, workspace, ""))
        except Invalid:  # whoever evaluates it will say so
            continue
    return looks


def _operand(name: str, project: str | None, workspace: Workspace) -> Operand | None:
    try:
        return find_operand(name, project or ANY, workspace.schema)
    except Invalid:  # a name of ours, or a blank that stays empty
        return None
