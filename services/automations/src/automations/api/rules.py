"""Rules: what is watched for, and what is then done."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from automations.dependencies import Configured, Maker, Rulebook, SeenRules, own_id
from automations.domain.clause import Misconfigured
from automations.domain.reading import ReadRule, read_rule
from automations.domain.rules import Rule
from automations.storage import projects, rules
from automations.usecases.save_rule import Draft, RuleNotFound, change_rule, create_rule, remove_rule
from automations.usecases.try_rule import Trial, try_rule
from shared.database import Transaction, Tx
from shared.errors import Invalid
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.etag import IfMatch, require_match, set_etag
from shared.http.paging import Cursor, Limit, Page, seen_page

router = CommandRouter(prefix="/v1/rules", tags=["rules"])

Json = dict[str, Any]
_EMPTY: dict[str, Json] = {"conditions": {"all": []}, "settings": {}}


class NewRule(BaseModel):
    """``repeat`` and ``reset_on`` may stand beside the trigger or in it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=500)
    key: str | None = Field(default=None, min_length=1, max_length=200)
    project: str | None = Field(default=None, description="An id or a key; none: any project")
    trigger: Json
    conditions: Json | None = None
    actions: list[Json]
    settings: Json | None = None
    enabled: bool = True
    repeat: Json | None = None
    reset_on: list[str] | None = None

    def draft(self) -> Draft:
        return Draft(
            name=self.name,
            key=self.key,
            project=self.project,
            trigger=with_timing(self.trigger, self.repeat, self.reset_on),
            conditions=self.conditions or {"all": []},
            actions=self.actions,
            settings=self.settings or {},
            enabled=self.enabled,
        )


class RuleChanges(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=500)
    project: str | None = None
    trigger: Json | None = None
    conditions: Json | None = None
    actions: list[Json] | None = None
    settings: Json | None = None
    enabled: bool | None = None

    def given(self) -> dict[str, Any]:
        """What was sent, by field; null clears a project, condition or settings."""
        sent = self.model_dump(exclude_unset=True)
        for name in ("conditions", "settings"):
            if name in sent:
                sent[name] = sent[name] or _EMPTY[name]
        missing = [name for name in ("name", "trigger", "actions", "enabled") if name in sent and sent[name] is None]
        if missing:
            raise Invalid.at(f"/{missing[0]}", f"'{missing[0]}' cannot be empty.")
        return sent | ({"actions": tuple(sent["actions"])} if "actions" in sent else {})


class ShownRule(BaseModel):
    """``project`` is the id where the project is known here, else what was given."""

    id: str
    key: str | None
    name: str
    project: str | None
    project_key: str | None
    trigger: Json
    conditions: Json
    actions: list[Json]
    settings: Json
    enabled: bool
    version: int


class DryRun(BaseModel):
    model_config = ConfigDict(extra="forbid")

    record: str


class ShownTrial(BaseModel):
    rule: str
    version: int
    record: str
    would_run: bool
    reason: str | None
    why: list[Json]
    steps: list[Json]
    due_at: str | None


@router.get("", summary="List rules")
async def list_rules(
    transaction: Tx,
    seen: SeenRules,
    project: Annotated[str | None, Query(description="Only of this project, by id or key")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShownRule]:
    names = await projects.names(transaction)
    keys = {project_id: key for key, project_id in names.items()}
    wanted = keys.get(project, project) if project else None

    async def fetch(before: str | None, most: int) -> Sequence[Rule]:
        return await rules.page(transaction, wanted, before, most)

    async def shows(read: Sequence[Rule]) -> Sequence[Rule]:
        return [each for each in read if await seen.shows(_read(each))]

    page, more = await seen_page(fetch, shows, lambda each: each.id, place_in(cursor, identifier), limit)
    return Page(items=[_shown(each, names) for each in page], next_cursor=more)


@router.post("", status_code=201, summary="Create a rule")
async def post_rule(
    body: NewRule, transaction: Tx, _writer: Maker, settings: Configured, response: Response
) -> ShownRule:
    rule = await create_rule(transaction, body.draft(), settings)
    response.headers["Location"] = f"/v1/rules/{rule.id}"
    return await _answer(transaction, rule, response)


@router.get("/{rule_id}", summary="Read a rule")
async def read(rule_id: str, transaction: Tx, seen: SeenRules, response: Response) -> ShownRule:
    return await _answer(transaction, await _found(transaction, rule_id, seen), response)


@router.patch("/{rule_id}", summary="Change a rule: a new version")
async def patch_rule(
    rule_id: str,
    body: RuleChanges,
    *,
    transaction: Tx,
    seen: SeenRules,
    _writer: Maker,
    settings: Configured,
    response: Response,
    if_match: IfMatch = None,
) -> ShownRule:
    current = await _found(transaction, rule_id, seen, lock=True)
    require_match(if_match, current.version)
    changed = await change_rule(transaction, current, body.given(), settings)
    return await _answer(transaction, changed, response)


@router.delete("/{rule_id}", status_code=204, summary="Delete a rule; its runs stay")
async def delete_rule(rule_id: str, transaction: Tx, seen: SeenRules, _writer: Maker, if_match: IfMatch = None) -> None:
    current = await _found(transaction, rule_id, seen, lock=True)
    require_match(if_match, current.version)
    await remove_rule(transaction, current.id)


@router.post("/{rule_id}/dry-run", summary="What would happen with this record, without any effect")
async def dry_run(rule_id: str, body: DryRun, transaction: Tx, seen: SeenRules, settings: Configured) -> ShownTrial:
    rule = await _found(transaction, rule_id, seen)
    try:
        trial = await try_rule(transaction, read_rule(rule), body.record, settings)
    except Misconfigured as error:
        raise Invalid(str(error), error.errors) from error
    return _shown_trial(rule, trial)


def with_timing(trigger: Json, repeat: Json | None, reset_on: list[str] | None) -> Json:
    """The trigger with what was said beside it."""
    beside = {"repeat": repeat, "reset_on": reset_on}
    return trigger | {name: value for name, value in beside.items() if value is not None}


def _read(rule: Rule) -> ReadRule | None:
    """None where it cannot be read any more."""
    try:
        return read_rule(rule)
    except Misconfigured:
        return None


async def _found(transaction: Transaction, rule_id: str, seen: Rulebook, *, lock: bool = False) -> Rule:
    rule = await rules.get(transaction, own_id(rule_id), lock=lock)
    if rule is None or not await seen.shows(_read(rule)):
        raise RuleNotFound(f"There is no rule {rule_id}.")
    return rule


async def _answer(transaction: Transaction, rule: Rule, response: Response) -> ShownRule:
    set_etag(response, rule.version)
    return _shown(rule, await projects.names(transaction))


def _shown(rule: Rule, names: dict[str, str]) -> ShownRule:
    return ShownRule(
        id=rule.id,
        key=rule.key,
        name=rule.name,
        project=names.get(rule.project, rule.project) if rule.project else None,
        project_key=rule.project,
        trigger=dict(rule.trigger),
        conditions=dict(rule.conditions),
        actions=[dict(each) for each in rule.actions],
        settings=dict(rule.settings),
        enabled=rule.enabled,
        version=rule.version,
    )


def _shown_trial(rule: Rule, trial: Trial) -> ShownTrial:
    decision = trial.decision
    return ShownTrial(
        rule=rule.id,
        version=rule.version,
        record=trial.record,
        would_run=decision.state == "running",
        reason=decision.reason,
        why=decision.shown_why,
        steps=list(trial.steps),
        due_at=trial.due_at.isoformat() if trial.due_at else None,
    )
