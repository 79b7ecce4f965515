"""What people see of rules: where they automate, and as far as they see all that a rule is made of.

Rules themselves act with the rights of their service's key. So who looks into one sees what it reads, or nothing of it.
"""

from dataclasses import dataclass

from automations.domain import hops
from automations.domain.hops import Looks
from automations.domain.names import fields_in
from automations.domain.reading import ReadRule, problems
from automations.domain.texts import blanks
from automations.domain.trigger import TimerTrigger
from automations.domain.workspace import Workspace
from shared.contracts.records import ProjectChanged, RecordSnapshot
from shared.errors import Invalid
from shared.expressions import find_operand
from shared.policy import Policy

# What stands for everything a text could say of the record.
ALL = "record"


@dataclass(frozen=True)
class _Home:
    """A project, as rights name it."""

    id: str


def shows_record(record: RecordSnapshot, policy: Policy | None) -> bool:
    return policy is None or policy.may_read_record(_Home(record.project), vars(record))


def seen_by(workspace: Workspace, policy: Policy | None) -> Workspace:
    """The workspace as the policy shows it: rules that name something hidden do not fit it."""
    if policy is None or not policy.is_bound:
        return workspace
    schema = policy.seen(workspace.schema)
    known = {key: each for key, each in workspace.projects.items() if key in schema.projects}
    return Workspace({key: _seen(each, workspace, key, policy) for key, each in known.items()}, schema)


def _seen(project: ProjectChanged, whole: Workspace, key: str, policy: Policy) -> ProjectChanged:
    seen = policy.seen(whole.schema).projects[key]
    gone = whole.schema.projects[key].by_key.keys() - seen.by_key.keys()
    kept = {
        "fields": [each for each in project.fields if each.key not in gone and policy.may_see_field(project, each.key)],
        "lists": [each for each in project.lists if policy.may_see_list(project, each.key)],
        "tags": [each for each in project.tags if policy.may_see_tag(project, each.key)],
    }
    return project.model_copy(update=kept)


def shows_rule(rule: ReadRule, workspace: Workspace, policy: Policy | None) -> bool:
    """Whether somebody may look into the rule and its runs, or make it so: they see what it reads, of every record."""
    if policy is None or not policy.is_bound:
        return True
    seen = seen_by(workspace, policy)
    project = seen.projects.get(rule.rule.project or "")
    if project is None or not policy.may("manage_automations", project):
        return False
    narrowed = [key for key, each in seen.schema.projects.items() if each.only is not None]
    looks = _looks(rule, workspace)
    if project.key in narrowed or (narrowed and (looks.hops or looks.relations)):
        return False
    return not problems(rule, seen) and not any(_is_hidden(blank, rule, workspace, seen) for blank in _asked(rule))


def is_whole(rule: ReadRule, workspace: Workspace, policy: Policy | None) -> bool:
    """Whether they see all of the rule's project, so that what records answered it tells them nothing new."""
    seen, key = seen_by(workspace, policy), rule.rule.project or ""
    return seen is workspace or seen.projects.get(key) == workspace.projects.get(key)


def _looks(rule: ReadRule, workspace: Workspace) -> Looks:
    project = rule.rule.project
    skip_when = rule.trigger.skip_when if isinstance(rule.trigger, TimerTrigger) else None
    looks = hops.of_rule(rule, workspace) | hops.of_written([skip_when] if skip_when else [], project, workspace)
    return hops.together([looks, *(hops.of_action(each, project, workspace) for each in rule.actions)])


def _asked(rule: ReadRule) -> set[str]:
    return {blank for action in rule.actions for text in action.texts().values() for blank in blanks(text)}


def _is_hidden(blank: str, rule: ReadRule, workspace: Workspace, seen: Workspace) -> bool:
    """Whether a blank of a text stands for something in the workspace that is not seen."""
    key = rule.rule.project or ""
    if blank == ALL:
        return seen.projects[key].fields != workspace.projects[key].fields
    name = blank.removeprefix(f"{ALL}.")
    field = fields_in([name], workspace.projects[key]).get(name)
    return field is not None and _resolves(field, key, workspace) and not _resolves(field, key, seen)


def _resolves(field: str, project: str, workspace: Workspace) -> bool:
    try:
        find_operand(field, project, workspace.schema)
    except Invalid:
        return False
    return True
