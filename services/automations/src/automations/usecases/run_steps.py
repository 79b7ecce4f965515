"""Take the steps of runs one after the other: work out, freeze, send, conclude.

No transaction is open while a request is under way.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from automations.domain import hops
from automations.domain.action import Action, Choice, Command, Effect, Impossible, Nothing, Notices, Referencing
from automations.domain.calendar import Calendar
from automations.domain.decide import Sight
from automations.domain.effects import LeftOut, Scene, effect_of
from automations.domain.hops import Looks
from automations.domain.names import Facts
from automations.domain.people import User
from automations.domain.readers import Readers
from automations.domain.reading import ReadRule
from automations.domain.workspace import Workspace
from automations.gateways.records import REFUSED, Reply
from automations.settings import Settings
from automations.storage import notifications, pools, records, rules, runs, steps, users
from automations.storage.steps import Over
from automations.usecases.decide_rules import BROKEN
from automations.usecases.see import see, see_workspace
from shared.contracts.records import RecordSnapshot
from shared.database import Transaction
from shared.policy.storage import every_role

log = logging.getLogger(__name__)

Step = Row[Any]
Run = Row[Any]

LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Prepared:
    """A request whose content is stored; ``attempts`` fences it against whoever takes the step over."""

    run_id: str
    step_no: int
    attempts: int
    action: str
    request: Mapping[str, Any]
    headers: Mapping[str, str]
    traceparent: str | None


@dataclass(frozen=True)
class _Concluded:
    step: Step
    state: Over
    says: str
    response: dict[str, Any] | None = None


@dataclass(frozen=True)
class _Stage:
    """What the steps of one batch are worked out from."""

    runs: Mapping[str, Run]
    rules: Mapping[tuple[str, int], ReadRule]
    records: Mapping[str, RecordSnapshot]
    workspace: Workspace
    language: str
    calendar: Calendar
    sight: Sight
    users: tuple[User, ...] = ()
    readers: Readers = field(default_factory=Readers)
    # The records that refer to a record, by its id and by their project: those that actions reach.
    referencing: Mapping[str, Referencing] = field(default_factory=dict)

    def rule(self, step: Step) -> ReadRule | None:
        run = self.runs[step.run_id]
        return self.rules.get((run.rule_id, run.rule_version))

    def action(self, step: Step) -> Action | None:
        rule, number = self.rule(step), step.step_no
        return rule.actions[number - 1] if rule else None

    def looks(self, step: Step) -> Looks:
        rule, action = self.rule(step), self.action(step)
        record = self.records.get(self.runs[step.run_id].record_id)
        if rule is None or action is None or record is None:
            return Looks()
        return hops.of_action(action, rule.rule.project or record.project_key, self.workspace)

    @property
    def needs_users(self) -> bool:
        actions = [action for each in self.rules.values() for action in each.actions]
        return any(each.needs_users or each.texts() for each in actions)


async def claim_steps(transaction: Transaction, settings: Settings, limit: int) -> tuple[int, list[Prepared]]:
    """Lease due steps: how many, and what they send. Steps without anything to send are done here and now."""
    claimed = await steps.claim(transaction, limit, timedelta(seconds=settings.step_lease_s))
    return len(claimed), await _prepare(transaction, claimed, settings)


async def conclude_steps(
    transaction: Transaction, answered: Sequence[tuple[Prepared, Reply]], settings: Settings
) -> list[Prepared]:
    """Write down what came of the requests; what their runs send next."""
    claims = [(each.run_id, each.step_no, each.attempts) for each, _ in answered]
    ours = await steps.held(transaction, claims)
    concluded: list[_Concluded] = []
    for each, reply in answered:
        step = ours.get((each.run_id, each.step_no))
        if step is None:
            continue
        if reply.may_yet_succeed and step.attempts < settings.step_attempts:
            await steps.try_later(transaction, step, _pause(step.attempts), _answer(reply))
        else:
            concluded.append(_result(step, each, reply))
    following = await _conclude(transaction, concluded, settings)
    return await _prepare(transaction, following, settings)


async def _prepare(transaction: Transaction, claimed: Sequence[Step], settings: Settings) -> list[Prepared]:
    prepared: list[Prepared] = []
    while claimed:
        stage = await _set_stage(transaction, claimed, settings)
        frozen: list[tuple[Step, dict[str, Any]]] = []
        concluded: list[_Concluded] = []
        for step in claimed:
            outcome = step.request or await _work_out(transaction, step, stage)
            if isinstance(outcome, _Concluded):
                concluded.append(outcome)
                continue
            if step.request is None:
                frozen.append((step, outcome))
            prepared.append(_prepared(step, outcome, stage.runs[step.run_id]))
        await steps.freeze(transaction, frozen)
        claimed = await _conclude(transaction, concluded, settings)
    return prepared


async def _set_stage(transaction: Transaction, claimed: Sequence[Step], settings: Settings) -> _Stage:
    found = await runs.get_many(transaction, {each.run_id for each in claimed})
    read = await rules.versions(transaction, {(each.rule_id, each.rule_version) for each in found.values()})
    snapshots = await records.get(transaction, {each.record_id for each in found.values() if each.record_id})
    workspace = await see_workspace(transaction, settings)
    blind = Sight(workspace, transaction.now, {})
    stage = _Stage(found, read, snapshots, workspace, settings.language, settings.calendar, blind)
    looks = hops.together(stage.looks(each) for each in claimed)
    referencing = await _reached(transaction, stage, claimed)
    others = [each for by_project in referencing.values() for some in by_project.values() for each in some]
    seen = await see(transaction, workspace, [*snapshots.values(), *others], looks)
    if not stage.needs_users:
        return replace(stage, sight=seen.sight, referencing=referencing)
    readers = Readers(workspace.schema, await every_role(transaction.connection))
    everybody = await users.everybody(transaction)
    return replace(stage, sight=seen.sight, users=everybody, readers=readers, referencing=referencing)


async def _reached(transaction: Transaction, stage: _Stage, claimed: Sequence[Step]) -> dict[str, Referencing]:
    """The records that refer to those of the steps, as far as their actions look at them."""
    wanted: dict[str, set[str]] = {}
    for step in claimed:
        action, record = stage.action(step), stage.runs[step.run_id].record_id
        if action and record in stage.records:
            wanted.setdefault(record, set()).update(action.reaches())
    return {
        record: {each: tuple(await records.referencing(transaction, record, each)) for each in sorted(projects)}
        for record, projects in wanted.items()
        if projects
    }


async def _work_out(transaction: Transaction, step: Step, stage: _Stage) -> dict[str, Any] | _Concluded:
    """The request of the step, or how it ended without one."""
    run, rule, action = stage.runs[step.run_id], stage.rule(step), stage.action(step)
    record = stage.records.get(run.record_id)
    if rule is None or action is None:
        return _Concluded(step, "failed", "The rule, as it was then, can no longer be read.")
    if record is None:
        return _Concluded(step, "failed", "The record has been deleted.")
    language = rule.settings.language or stage.language
    scene = Scene(
        rule.rule.project,
        record,
        stage.sight,
        Facts(**run.facts),
        stage.users,
        language,
        stage.calendar,
        stage.referencing.get(record.id, {}),
        stage.readers,
    )
    effect = _effect(action, scene)
    while isinstance(effect, Choice):
        chosen = await pools.choose(transaction, effect, step.run_id, step.step_no, record.id)
        effect = effect.then(chosen) if chosen else effect.otherwise
    if isinstance(effect, Command):
        return {"method": effect.method, "path": effect.path, "body": dict(effect.body), "says": effect.says}
    return await _done_here(transaction, step, run, effect)


def _effect(action: Action, scene: Scene) -> Effect | LeftOut:
    """An action that breaks must not hold up the steps of others."""
    try:
        return effect_of(action, scene)
    except Exception:
        log.exception("action %s broke on record %s", action.kind, scene.record.id)
        return Impossible(BROKEN)


async def _done_here(
    transaction: Transaction, step: Step, run: Run, effect: Notices | Nothing | Impossible | LeftOut
) -> _Concluded:
    if isinstance(effect, Notices):
        await notifications.add(transaction, run, step.step_no, effect.notices)
    state: Over = "done"
    if isinstance(effect, Impossible):
        state = "failed"
    elif isinstance(effect, LeftOut):
        state = "skipped"
    return _Concluded(step, state, effect.says)


async def _conclude(transaction: Transaction, concluded: Sequence[_Concluded], settings: Settings) -> list[Step]:
    """End these steps, and the runs that end with them; the steps that follow, claimed."""
    if not concluded:
        return []
    await steps.finish(transaction, [(each.step, each.state, each.says, each.response) for each in concluded])
    failed = {each.step.run_id: each.says for each in concluded if each.state == "failed"}
    went_well = [each.step for each in concluded if each.state != "failed"]
    following = await steps.claim_next(transaction, went_well, timedelta(seconds=settings.step_lease_s))
    over = {each.run_id for each in went_well} - {each.run_id for each in following}
    if failed:
        await steps.cancel_rest(transaction, failed)
    found = await runs.get_many(transaction, over | failed.keys())
    done: list[tuple[Run, runs.Ended, str | None]] = [(found[each], "done", None) for each in sorted(over)]
    await runs.finish(transaction, done + [(found[each], "failed", says) for each, says in failed.items()])
    return following


def _prepared(step: Step, request: Mapping[str, Any], run: Run) -> Prepared:
    """The chain travels along, so that what records tells next is known to be one rule deeper."""
    headers = {
        "idempotency-key": f"{run.id}:{step.step_no}",
        "trunkline-actor": f"rule:{run.rule_id}",
        "trunkline-depth": str(run.depth + 1),
        "trunkline-causation": run.event_id,
        "trunkline-origin": ",".join([*run.origin, run.rule_id]),
    }
    return Prepared(run.id, step.step_no, step.attempts, step.action, request, headers, run.traceparent)


def _result(step: Step, sent: Prepared, reply: Reply) -> _Concluded:
    if reply.status is not None and reply.status < REFUSED:
        return _Concluded(step, "done", str(sent.request["says"]), _answer(reply))
    return _Concluded(step, "failed", reply.detail or f"records answered {reply.status}", _answer(reply))


def _answer(reply: Reply) -> dict[str, Any]:
    return {"status": reply.status, "detail": reply.detail}


def _pause(attempts: int) -> timedelta:
    return min(timedelta(seconds=0.25 * 2 ** min(attempts - 1, 20)), LONGEST_PAUSE)
