"""The rules of a configuration, all at once: what is built is installed, the rest is named with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from automations.domain.reading import ReadRule
from automations.domain.rules import Rule
from automations.domain.workspace import Workspace, workspace_of
from automations.settings import Settings
from automations.storage import rules
from automations.usecases.save_rule import Draft, add_checked, check, save_checked
from automations.usecases.see import see_workspace
from shared.contracts.records import ProjectChanged
from shared.database import Transaction


@dataclass(frozen=True)
class Installed:
    """``created``: (key, id), those that were there already included; ``skipped``: reasons by number."""

    created: list[tuple[str, str]]
    skipped: dict[int, str]


async def install_rules(
    transaction: Transaction, drafts: Mapping[int, Draft], projects: Sequence[ProjectChanged], settings: Settings
) -> Installed:
    """Idempotent by key and project: a rule that is there stays, and becomes a new version only where it differs.

    ``projects`` are schemas that are about to be true: whoever installs a template has not committed them yet. Without
    them a rule of a project that is not known here is taken on trust: it is checked as far as no schema is needed.
    """
    workspace = _with(await see_workspace(transaction, settings), projects)
    installed = Installed([], {})
    for number, draft in drafts.items():
        checked, errors = check(draft.as_rule(transaction.now), workspace)
        if checked and not projects and draft.project and not workspace.find(draft.project):
            errors = []
        if checked is None or errors:
            installed.skipped[number] = " ".join(dict.fromkeys(each.detail for each in errors))
        else:
            installed.created.append((draft.key or "", await _install(transaction, checked)))
    return installed


async def _install(transaction: Transaction, checked: ReadRule) -> str:
    wanted = checked.rule
    present = await rules.find_key(transaction, wanted.key or "", wanted.project)
    if present is None:
        await add_checked(transaction, checked)
        return wanted.id
    if _content(present) != _content(wanted):
        following = replace(wanted, id=present.id, version=present.version + 1)
        await save_checked(transaction, replace(checked, rule=following))
    return present.id


def _content(rule: Rule) -> tuple[object, ...]:
    return (rule.name, rule.trigger, rule.conditions, rule.actions, rule.settings, rule.enabled)


def _with(workspace: Workspace, projects: Sequence[ProjectChanged]) -> Workspace:
    schema = workspace.schema
    known = dict(workspace.projects) | {each.key: each for each in projects}
    return workspace_of(known.values(), schema.base_currency, schema.timezone)
