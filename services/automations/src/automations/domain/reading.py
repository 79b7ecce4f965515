"""A rule as saved becomes trigger, settings and actions that can be asked; mistakes are named with their place."""

from dataclasses import dataclass
from typing import Any

from automations.domain import actions, triggers
from automations.domain.action import Action
from automations.domain.clause import Condition, Misconfigured, below
from automations.domain.clauses import read
from automations.domain.rules import Rule, RuleSettings
from automations.domain.texts import mistake
from automations.domain.trigger import Trigger
from automations.domain.workspace import ANY, Workspace
from shared.errors import FieldError, Invalid
from shared.expressions import Filter, parse_filter


@dataclass(frozen=True)
class ReadRule:
    rule: Rule
    trigger: Trigger
    settings: RuleSettings
    actions: tuple[Action, ...]

    def condition(self, workspace: Workspace) -> Filter:
        """The rule's condition. Raises `Invalid` where the schema no longer bears it out."""
        key = (self.rule.id, self.rule.version)
        if key not in workspace.parsed:
            workspace.parsed[key] = condition(self.rule.conditions, self.rule.project, workspace, "/conditions")
        return workspace.parsed[key]


def condition(written: Condition | Any, project: str | None, workspace: Workspace, pointer: str) -> Filter:
    """Raises `Invalid`, with pointers below ``pointer``."""
    return parse_filter(written, project or ANY, workspace.schema, pointer=pointer)


def read_rule(rule: Rule) -> ReadRule:
    """Raises `Misconfigured` with every mistake that shows without a schema, pointing into the rule."""
    errors: list[FieldError] = []
    trigger = _part(errors, "/trigger", lambda: read(rule.trigger, triggers.TYPES, "trigger"))
    settings = _part(errors, "/settings", lambda: RuleSettings.read(rule.settings))
    doing = [
        _part(errors, f"/actions/{number}", lambda each=each: read(each, actions.TYPES, "action"))
        for number, each in enumerate(rule.actions)
    ]
    if not rule.actions:
        errors.append(FieldError("/actions", "A rule needs at least one action."))
    if errors or trigger is None or settings is None:
        raise Misconfigured(errors)
    return ReadRule(rule, trigger, settings, tuple(each for each in doing if each))


def problems(rule: ReadRule, workspace: Workspace) -> list[FieldError]:
    """Everything the projects' schemas do not bear out, and every text that does not read."""
    key = rule.rule.project
    project = workspace.projects.get(key) if key else None
    if key and project is None:
        return [FieldError("/project", f"There is no project '{key}'.")]
    found = below("/trigger", rule.trigger.problems(project))
    for pointer, written in _conditions(rule).items():
        found += _mistakes_in(written, key, workspace, pointer)
    found += _problems_elsewhere(rule, workspace)
    for number, action in enumerate(rule.actions):
        place = f"/actions/{number}"
        found += below(place, action.problems(project))
        texts = ((pointer, mistake(text)) for pointer, text in action.texts().items())
        found += [FieldError(place + pointer, sentence) for pointer, sentence in texts if sentence]
    return found


def _problems_elsewhere(rule: ReadRule, workspace: Workspace) -> list[FieldError]:
    """What actions get wrong about projects other than the rule's."""
    found: list[FieldError] = []
    for number, action in enumerate(rule.actions):
        place = f"/actions/{number}"
        found += below(place, action.problems_elsewhere(workspace.projects))
        for project, conditions in action.reaches().items():
            for pointer, written in conditions if project in workspace.projects else []:
                found += _mistakes_in(written, project, workspace, place + pointer)
    return found


def _conditions(rule: ReadRule) -> dict[str, Condition]:
    """Every condition in the rule, by its place."""
    skip_when = getattr(rule.trigger, "skip_when", None)
    inside = {
        f"/actions/{number}{pointer}": each
        for number, action in enumerate(rule.actions)
        for pointer, each in action.conditions().items()
    }
    return (
        {"/conditions": dict(rule.rule.conditions)} | ({"/trigger/skip_when": skip_when} if skip_when else {}) | inside
    )


def _mistakes_in(written: Condition, project: str | None, workspace: Workspace, pointer: str) -> list[FieldError]:
    try:
        condition(written, project, workspace, pointer)
    except Invalid as error:
        return list(error.errors) or [FieldError(pointer, error.detail)]
    return []


def _part(errors: list[FieldError], place: str, reading: Any) -> Any:
    try:
        return reading()
    except Misconfigured as error:
        errors += below(place, error.errors)
        return None
