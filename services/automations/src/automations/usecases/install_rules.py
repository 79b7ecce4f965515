"""The rules of a configuration, all at once: what is built is installed, the rest is named with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from automations.domain.reading import ReadRule
from automations.domain.rules import Rule
from automations.domain.workspace import Workspace, workspace_of
from automations.settings import Settings
from automations.storage import rules
from automations.usecases.save_rule import Draft, add_checked, check, remove_rule, save_checked
from automations.usecases.see import see_workspace
from shared.contracts.records import ProjectChanged
from shared.database import Transaction


@dataclass(frozen=True)
class Installed:
    """The rules that are new, were changed, were there as they are, or went; ``skipped``: reasons by number."""

    created: list[Rule] = field(default_factory=list)
    changed: list[Rule] = field(default_factory=list)
    unchanged: list[Rule] = field(default_factory=list)
    destroyed: list[Rule] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)


async def install_rules(
    transaction: Transaction,
    drafts: Mapping[int, Draft],
    projects: Sequence[ProjectChanged],
    settings: Settings,
    *,
    dry_run: bool = False,
    destroy: bool = False,
) -> Installed:
    """Idempotent by key and project: a rule that is there stays, and becomes a new version only where it differs.

    ``projects`` are schemas that are about to be true: whoever installs a template has not committed them yet. Without
    them a rule of a project that is not known here is taken on trust: it is checked as far as no schema is needed.
    ``destroy`` removes the keyed rules that are not among these. ``dry_run`` only says what would become of them.
    """
    workspace = _with(await see_workspace(transaction, settings), projects)
    installed = Installed()
    for number, draft in drafts.items():
        checked, errors = check(draft.as_rule(transaction.now), workspace)
        if checked and not projects and draft.project and not workspace.find(draft.project):
            errors = []
        if checked is None or errors:
            installed.skipped[number] = " ".join(dict.fromkeys(each.detail for each in errors))
        else:
            await _install(transaction, checked, installed, dry_run=dry_run)
    if destroy:
        await _destroy_others(transaction, drafts, workspace, installed, dry_run=dry_run)
    return installed


async def _install(transaction: Transaction, checked: ReadRule, installed: Installed, *, dry_run: bool) -> None:
    wanted = checked.rule
    present = await rules.find_key(transaction, wanted.key or "", wanted.project)
    if present is None:
        installed.created.append(wanted)
        if not dry_run:
            await add_checked(transaction, checked)
    elif _content(present) == _content(wanted):
        installed.unchanged.append(present)
    else:
        following = replace(wanted, id=present.id, version=present.version + 1)
        installed.changed.append(following)
        if not dry_run:
            await save_checked(transaction, replace(checked, rule=following))


async def _destroy_others(
    transaction: Transaction,
    drafts: Mapping[int, Draft],
    workspace: Workspace,
    installed: Installed,
    *,
    dry_run: bool,
) -> None:
    """What was skipped is wanted all the same, so it stays as it is."""
    wanted = {(each.key, _project_key(workspace, each.project)) for each in drafts.values()}
    for present in await rules.keyed(transaction):
        if (present.key, present.project) not in wanted:
            installed.destroyed.append(present)
            if not dry_run:
                await remove_rule(transaction, present.id)


def _project_key(workspace: Workspace, reference: str | None) -> str | None:
    found = workspace.find(reference) if reference else None
    return found.key if found else reference


def _content(rule: Rule) -> tuple[object, ...]:
    return (rule.name, rule.trigger, rule.conditions, rule.actions, rule.settings, rule.enabled)


def _with(workspace: Workspace, projects: Sequence[ProjectChanged]) -> Workspace:
    schema = workspace.schema
    known = dict(workspace.projects) | {each.key: each for each in projects}
    return workspace_of(known.values(), schema.base_currency, schema.timezone)
