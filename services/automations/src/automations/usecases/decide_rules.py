"""One event, and the rules that wait for it: the runs they come to."""

import logging
from collections.abc import Sequence
from typing import Any

from automations.domain import hops
from automations.domain.decide import NO_TARGET, Decision, Sight, decide
from automations.domain.happening import Happening
from automations.domain.names import Facts
from automations.domain.reading import ReadRule
from automations.domain.targets import is_own, most_recently_active
from automations.domain.workspace import Workspace
from automations.storage import records
from automations.storage.runs import NewRun
from automations.usecases.see import see
from shared.contracts.records import RecordSnapshot
from shared.database import Transaction

BROKEN = "Something broke on our side; the log of automations says more."
log = logging.getLogger(__name__)

# What texts may say of a call; numbers of its durations are in seconds.
_OF_CALL = {
    "id", "provider", "provider_call_id", "direction", "outcome", "from_number", "to_number", "external_number",
    "agent_name", "queue", "source", "disposition", "wait_s", "talk_s",
}  # fmt: skip


async def decide_rules(
    transaction: Transaction,
    rules: Sequence[ReadRule],
    happening: Happening,
    workspace: Workspace,
    *,
    finally_: bool = False,
) -> list[NewRun]:
    """The runs of rules whose trigger matched; without a decision while something it needs has not arrived.

    Events of one stream are handled side by side, so a record that this one leads to, the schema of its project, or
    the deal that a caller's record belongs to may be a moment late. ``finally_``: decide with what there is.
    """
    targets = await _targets(transaction, rules, happening)
    looks = {each.rule.id: hops.of_rule(each, workspace) for each in rules}
    snapshots = {each.id: each for each in targets.values() if each}
    seen = await see(transaction, workspace, snapshots.values(), hops.together(looks.values()))
    found = []
    for rule in rules:
        target = targets[rule.rule.project]
        decision = _decided(rule, happening, target, seen.sight)
        missing = bool(seen.missing and looks[rule.rule.id].hops and decision.why)
        late = not finally_ and (missing or _may_be_late(rule, decision, workspace))
        found.append(_run(rule, happening, target, None if late else decision))
    return found


def _decided(rule: ReadRule, happening: Happening, target: RecordSnapshot | None, sight: Sight) -> Decision:
    """A rule that breaks must not keep the others from their runs."""
    try:
        return decide(rule, happening, target, sight)
    except Exception:
        log.exception("rule %s broke on event %s", rule.rule.id, happening.event_id)
        return Decision("failed", BROKEN)


def _may_be_late(rule: ReadRule, decision: Decision, workspace: Workspace) -> bool:
    if decision.reason == NO_TARGET:
        return True
    return decision.state == "failed" and rule.rule.project not in workspace.projects


async def target_of(transaction: Transaction, project: str | None, happening: Happening) -> RecordSnapshot | None:
    """The record that a rule of the project acts on."""
    matched = happening.record
    if project is None or is_own(project, matched):
        return matched
    return most_recently_active(await records.open_referencing(transaction, matched.id, project))


async def _targets(
    transaction: Transaction, rules: Sequence[ReadRule], happening: Happening
) -> dict[str | None, RecordSnapshot | None]:
    """By project."""
    wanted = dict.fromkeys(each.rule.project for each in rules)
    return {project: await target_of(transaction, project, happening) for project in wanted}


def _run(rule: ReadRule, happening: Happening, target: RecordSnapshot | None, decision: Decision | None) -> NewRun:
    return NewRun(
        rule=rule.rule,
        actions=[each.kind for each in rule.actions],
        event_id=happening.event_id,
        record_id=target.id if target else None,
        decision=decision,
        facts=facts_of(happening),
        depth=happening.depth,
        origin=happening.origin,
    )


def facts_of(happening: Happening) -> Facts:
    call = happening.activity.call if happening.activity else None
    told: dict[str, Any] | None = call.model_dump(mode="json", include=_OF_CALL) if call else None
    return Facts(happening.from_list, happening.to_list, happening.actor, told)
