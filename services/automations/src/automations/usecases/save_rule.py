"""Rules are made, changed and removed. Every edit is a new version, checked as a whole before it counts."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from uuid_utils.compat import uuid7

from automations.domain.clause import Misconfigured
from automations.domain.reading import ReadRule, problems, read_rule
from automations.domain.rights import seen_by, shows_rule
from automations.domain.rules import Rule
from automations.domain.trigger import TimerTrigger
from automations.domain.workspace import Workspace
from automations.settings import Settings
from automations.storage import rules, timers
from automations.usecases.see import see_workspace
from shared.database import Transaction
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound

LOOK_EVERY_S = 0.1
NOT_ALL = (
    "Your roles do not let you automate this: it takes the right to manage automations in the rule's project, and "
    "sight of all records that it looks at."
)


class RuleNotFound(NotFound):
    title = "Rule not found"


class RuleKeyTaken(Conflict):
    title = "Rule key taken"


@dataclass(frozen=True)
class Draft:
    """A rule as somebody wants it. ``project`` is an id or a key."""

    name: str
    trigger: Mapping[str, Any]
    actions: Sequence[Mapping[str, Any]]
    conditions: Mapping[str, Any] = field(default_factory=lambda: {"all": []})
    settings: Mapping[str, Any] = field(default_factory=dict)
    project: str | None = None
    key: str | None = None
    enabled: bool = True

    def as_rule(self, now: datetime) -> Rule:
        """Its first version, with a new id."""
        return Rule(
            id=str(uuid7()),
            key=self.key,
            name=self.name,
            project=self.project,
            trigger=self.trigger,
            conditions=self.conditions,
            actions=tuple(self.actions),
            settings=self.settings,
            enabled=self.enabled,
            enabled_at=now,
        )


async def create_rule(transaction: Transaction, draft: Draft, settings: Settings) -> Rule:
    """Raises `Invalid` with pointers into the rule, or `RuleKeyTaken`."""
    new = draft.as_rule(transaction.now)
    checked = await check_patiently(transaction, new, settings)
    await add_checked(transaction, checked)
    return checked.rule


async def add_checked(transaction: Transaction, checked: ReadRule) -> None:
    """Write a new rule that has been checked, and set its timers."""
    new = checked.rule
    if new.key and await rules.find_key(transaction, new.key, new.project):
        raise RuleKeyTaken(f"There is a rule '{new.key}' in this project already.")
    await rules.add(transaction, new)
    await _set_timers(transaction, checked)


async def change_rule(transaction: Transaction, current: Rule, changes: Mapping[str, Any], settings: Settings) -> Rule:
    """The next version, with ``changes`` by field; switching on counts from now."""
    switched_on = changes.get("enabled") and not current.enabled
    enabled_at = transaction.now if switched_on else current.enabled_at
    wanted = replace(current, **changes, version=current.version + 1, enabled_at=enabled_at)
    checked = await check_patiently(transaction, wanted, settings)
    await save_checked(transaction, checked)
    return checked.rule


async def save_checked(transaction: Transaction, checked: ReadRule) -> None:
    await rules.save(transaction, checked.rule)
    await _set_timers(transaction, checked)


async def remove_rule(transaction: Transaction, rule_id: str) -> None:
    """Its runs and versions stay to be read; its timers go."""
    await rules.remove(transaction, rule_id)
    await timers.cancel_rule(transaction, rule_id)


async def check_patiently(transaction: Transaction, rule: Rule, settings: Settings) -> ReadRule:
    """Raises `Invalid` for what is still wrong after a moment's patience with the schema; `Forbidden` by `shows_rule`.

    A project or field made a moment ago is known to records already, and here once its event has come.
    """
    waited = 0.0
    while True:
        whole = await see_workspace(transaction, settings)
        checked, errors = check(rule, seen_by(whole, transaction.policy))
        if checked and not errors:
            if not shows_rule(checked, whole, transaction.policy):
                raise Forbidden(NOT_ALL)
            return checked
        if checked is None or waited >= settings.schema_patience_s:
            raise Invalid(" ".join(dict.fromkeys(each.detail for each in errors)), errors)
        await asyncio.sleep(LOOK_EVERY_S)
        waited += LOOK_EVERY_S


def check(rule: Rule, workspace: Workspace) -> tuple[ReadRule | None, list[FieldError]]:
    """The rule, read, with its project by key, and every mistake in it. None: it does not read, whatever the schema."""
    project = workspace.find(rule.project) if rule.project else None
    try:
        read = read_rule(replace(rule, project=project.key) if project else rule)
    except Misconfigured as error:
        return None, list(error.errors)
    return read, problems(read, workspace)


async def _set_timers(transaction: Transaction, checked: ReadRule) -> None:
    rule = checked.rule
    if rule.enabled and isinstance(checked.trigger, TimerTrigger):
        await timers.look_at_all(transaction, rule.id, rule.project)
    else:
        await timers.cancel_rule(transaction, rule.id)
