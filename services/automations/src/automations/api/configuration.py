"""This service's part of a workspace's configuration: its rules."""

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from automations.api.rules import NewRule
from automations.dependencies import Administrator, Configured
from automations.domain.rules import Rule
from automations.storage import rules
from automations.usecases.install_rules import destroy_others, install_rules
from automations.usecases.save_rule import Draft
from shared.configuration import Applied, Part, sentence
from shared.database import Tx
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/configuration", tags=["configuration"])


class KeyedRule(NewRule):
    """A rule that is known by its key."""

    key: str = Field(min_length=1, max_length=200)


class RulesPart(Part):
    """Without ``projects`` a rule of a project that is not known here is taken on trust.

    Only what shows without a schema is checked then. Only keyed rules go with ``destroy``.
    """

    rules: list[dict[str, Any]] = Field(description="Each as for `POST /v1/rules`, and with a `key`")


class Held(BaseModel):
    rules: list[dict[str, Any]]


@router.get("/part", summary="The keyed rules, as they would be applied")
async def get_part(transaction: Tx, _administrator: Administrator) -> Held:
    return Held(rules=[_written(each) for each in await rules.keyed(transaction)])


@router.post("/part", summary="Make these rules, by key and project; what is not built is skipped, with its reason")
async def apply_part(body: RulesPart, transaction: Tx, _administrator: Administrator, settings: Configured) -> Applied:
    applied = Applied()
    drafts = _read(body.rules, applied)
    await install_rules(transaction, drafts, body.projects, settings, applied, dry_run=body.dry_run)
    if body.destroy:
        named = [_name(each) for each in body.rules]
        await destroy_others(transaction, named, body.projects, settings, applied, dry_run=body.dry_run)
    return applied


def _read(written: list[dict[str, Any]], applied: Applied) -> dict[int, Draft]:
    """Those that read, by their number."""
    drafts = {}
    for number, each in enumerate(written):
        try:
            drafts[number] = KeyedRule.model_validate(each).draft()
        except ValidationError as error:
            applied.skip(f"/rules/{number}", sentence(error))
    return drafts


def _name(written: dict[str, Any]) -> tuple[str, str | None]:
    """Its key and project, also where it does not read."""
    project = written.get("project")
    return str(written.get("key")), project if isinstance(project, str) else None


def _written(rule: Rule) -> dict[str, Any]:
    """As `_read` takes it; what is as usual is left out."""
    parts: dict[str, Any] = {"key": rule.key, "name": rule.name, "project": rule.project, "trigger": rule.trigger}
    parts |= {"conditions": rule.conditions, "actions": list(rule.actions), "settings": rule.settings}
    usual: dict[str, Any] = {"project": None, "conditions": {"all": []}, "settings": {}}
    written = {name: value for name, value in parts.items() if name not in usual or value != usual[name]}
    return written if rule.enabled else written | {"enabled": False}
