"""The rules of a configuration, all at once: what is built is installed, the rest is named with its reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from automations.domain.reading import ReadRule
from automations.domain.rules import Rule
from automations.domain.workspace import Workspace, workspace_of
from automations.settings import Settings
from automations.storage import rules
from automations.usecases.save_rule import Draft, add_checked, check, remove_rule, save_checked
from automations.usecases.see import see_workspace
from shared.configuration import Applied, Named
from shared.contracts.records import ProjectChanged
from shared.database import Transaction


async def install_rules(
    transaction: Transaction,
    drafts: Mapping[int, Draft],
    projects: Sequence[ProjectChanged],
    settings: Settings,
    applied: Applied,
    *,
    dry_run: bool,
) -> None:
    """Idempotent by key and project: a rule that is there stays, and becomes a new version only where it differs.

    ``projects`` are schemas that are about to be true: whoever installs a template has not committed them yet. Without
    them a rule of a project that is not known here is taken on trust: it is checked as far as no schema is needed.
    ``dry_run`` only says what would become of them.
    """
    workspace = _with(await see_workspace(transaction, settings), projects)
    for number, draft in drafts.items():
        checked, errors = check(draft.as_rule(transaction.now), workspace)
        if checked and not projects and draft.project and not workspace.find(draft.project):
            errors = []
        if checked is None or errors:
            applied.skip(f"/rules/{number}", " ".join(dict.fromkeys(each.detail for each in errors)))
        else:
            await _install(transaction, checked, applied, dry_run=dry_run)


async def destroy_others(
    transaction: Transaction,
    wanted: Collection[tuple[str, str | None]],
    projects: Sequence[ProjectChanged],
    settings: Settings,
    applied: Applied,
    *,
    dry_run: bool,
) -> None:
    """``wanted``: (key, project) of those that stay, even where they were skipped: they are wanted all the same."""
    workspace = _with(await see_workspace(transaction, settings), projects)
    kept = {(key, _project_key(workspace, project)) for key, project in wanted}
    for present in await rules.keyed(transaction):
        if (present.key, present.project) not in kept:
            applied.destroyed.append(_named(present))
            if not dry_run:
                await remove_rule(transaction, present.id)


async def _install(transaction: Transaction, checked: ReadRule, applied: Applied, *, dry_run: bool) -> None:
    wanted = checked.rule
    present = await rules.find_key(transaction, wanted.key or "", wanted.project)
    if present is None:
        applied.created.append(_named(wanted))
        if not dry_run:
            await add_checked(transaction, checked)
    elif _content(present) == _content(wanted):
        applied.unchanged.append(_named(present))
    else:
        following = replace(wanted, id=present.id, version=present.version + 1)
        applied.changed.append(_named(following))
        if not dry_run:
            await save_checked(transaction, replace(checked, rule=following))


def _project_key(workspace: Workspace, reference: str | None) -> str | None:
    found = workspace.find(reference) if reference else None
    return found.key if found else reference


def _named(rule: Rule) -> Named:
    return Named(key=rule.key or "", id=rule.id)


def _content(rule: Rule) -> tuple[object, ...]:
    return (rule.name, rule.trigger, rule.conditions, rule.actions, rule.settings, rule.enabled)


def _with(workspace: Workspace, projects: Sequence[ProjectChanged]) -> Workspace:
    schema = workspace.schema
    known = dict(workspace.projects) | {each.key: each for each in projects}
    return workspace_of(known.values(), schema.base_currency, schema.timezone)
