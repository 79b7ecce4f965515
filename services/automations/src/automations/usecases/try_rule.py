"""What a rule would do with a record as it is now. Nothing is done, counted or written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from automations.domain import hops
from automations.domain.action import Choice, Command, Impossible, Nothing, Notices
from automations.domain.decide import NO_TARGET, SKIP_WHEN, Decision, Sight, judge
from automations.domain.effects import LeftOut, Scene, effect_of
from automations.domain.happening import Happening
from automations.domain.hops import Looks
from automations.domain.occurrences import first
from automations.domain.readers import Readers
from automations.domain.reading import ReadRule, condition
from automations.domain.rights import shows_record
from automations.domain.targets import is_own
from automations.domain.trigger import EventTrigger, TimerTrigger
from automations.domain.workspace import Workspace
from automations.settings import Settings
from automations.storage import records, users
from automations.usecases.decide_rules import facts_of, target_of
from automations.usecases.see import see, see_workspace
from shared.contracts.records import RecordSnapshot
from shared.database import Transaction
from shared.errors import NotFound
from shared.policy.storage import every_role


class RecordNotFound(NotFound):
    title = "Record not found"


@dataclass(frozen=True)
class Trial:
    """``steps`` is what each action would come to; ``due_at`` is when a timer rule would fire first."""

    decision: Decision
    record: str
    steps: tuple[dict[str, Any], ...] = ()
    due_at: datetime | None = None


async def try_rule(transaction: Transaction, rule: ReadRule, record_id: str, settings: Settings) -> Trial:
    """As if the trigger's event had just happened, or the timer had just come due. Raises `RecordNotFound`."""
    known = (await records.watched(transaction, [record_id])).get(record_id)
    if known is None or not shows_record(known.record, transaction.policy):
        raise RecordNotFound(f"There is no record {record_id}, or it has not been heard of yet.")
    happening = _imagined(rule, known.record)
    target = await target_of(transaction, rule.rule.project, happening)
    if target is None:
        return Trial(Decision("skipped", NO_TARGET), record_id)
    workspace = await see_workspace(transaction, settings)
    sight = (await see(transaction, workspace, [target], _looks(rule, target, workspace))).sight
    if isinstance(rule.trigger, TimerTrigger):
        whole_past = rule.settings.model_copy(update={"run_on_history": True, "existing": "from_state_entry"})
        occurrence = first(
            rule.trigger, whole_past, rule.rule.enabled_at, known, workspace.projects.get(target.project_key)
        )
        due_at = occurrence.due_at if occurrence else None
        decision = _timed(rule, rule.trigger, target, sight, due_at)
    else:
        due_at = None
        decision = judge(rule, target, sight) if _matches(rule, happening) else Decision("skipped", "trigger_not_met")
    if decision.state != "running":
        return Trial(decision, target.id, (), due_at)
    scene = Scene(
        rule.rule.project,
        target,
        sight,
        facts_of(happening),
        await users.everybody(transaction),
        rule.settings.language or settings.language,
        settings.calendar,
        {each: tuple(await records.referencing(transaction, target.id, each)) for each in _reached(rule)},
        Readers(workspace.schema, await every_role(transaction.connection)),
    )
    return Trial(decision, target.id, tuple(_shown(each.kind, effect_of(each, scene)) for each in rule.actions), due_at)


def _reached(rule: ReadRule) -> set[str]:
    return {project for each in rule.actions for project in each.reaches()}


def _imagined(rule: ReadRule, record: RecordSnapshot) -> Happening:
    """The record got where it is just now."""
    kind = rule.trigger.events[0] if isinstance(rule.trigger, EventTrigger) else ""
    before = record.stage_history[-2].list if len(record.stage_history) > 1 else None
    return Happening("", kind, record, from_list=before, to_list=record.list)


def _matches(rule: ReadRule, happening: Happening) -> bool:
    """A call cannot be imagined from a record: any call will do."""
    trigger = rule.trigger
    if not isinstance(trigger, EventTrigger) or trigger.seeks_target:
        return True
    return is_own(rule.rule.project, happening.record) and trigger.matches(happening)


def _timed(
    rule: ReadRule, trigger: TimerTrigger, record: RecordSnapshot, sight: Sight, due_at: datetime | None
) -> Decision:
    if due_at is None or not is_own(rule.rule.project, record):
        return Decision("skipped", "trigger_not_met")
    if due_at > sight.now:
        return Decision("skipped", "not_due")
    if trigger.skip_when:
        skip = condition(trigger.skip_when, rule.rule.project, sight.workspace, "/trigger/skip_when")
        if sight.holds(skip, record):
            return Decision("skipped", SKIP_WHEN, sight.explain(skip, record))
    return judge(rule, record, sight)


def _looks(rule: ReadRule, record: RecordSnapshot, workspace: Workspace) -> Looks:
    project = rule.rule.project or record.project_key
    skip_when = rule.trigger.skip_when if isinstance(rule.trigger, TimerTrigger) else None
    looks = hops.of_rule(rule, workspace) | hops.of_written([skip_when] if skip_when else [], project, workspace)
    for each in rule.actions:
        looks |= hops.of_action(each, project, workspace)
    return looks


def _shown(kind: str, effect: Command | Nothing | Notices | Choice | Impossible | LeftOut) -> dict[str, Any]:
    if isinstance(effect, Command):
        return {"action": kind, "method": effect.method, "path": effect.path, "body": dict(effect.body)}
    if isinstance(effect, Notices):
        return {"action": kind, "says": effect.says, "notifications": [vars(each) for each in effect.notices]}
    if isinstance(effect, Choice):
        chosen_from = {"strategy": effect.strategy, "pool": effect.pool, "candidates": list(effect.candidates)}
        return {"action": kind, "says": "One of the candidates would be chosen."} | chosen_from
    return {"action": kind, "says": effect.says}
