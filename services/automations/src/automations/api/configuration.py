"""This service's part of a workspace's configuration: its rules."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from automations.api.rules import NewRule
from automations.dependencies import Administrator, Configured
from automations.domain.rules import Rule
from automations.storage import rules
from automations.usecases.install_rules import Installed, install_rules
from automations.usecases.save_rule import Draft
from shared.contracts.records import ProjectChanged
from shared.database import Tx
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/configuration", tags=["configuration"])


class KeyedRule(NewRule):
    """A rule that is known by its key."""

    key: str = Field(min_length=1, max_length=200)


class Part(BaseModel):
    """``projects``: schemas that are about to be true, as in `records.project.changed.v1`.

    Whoever installs a template has not committed them yet. Without them, a rule of a project that is not known here is
    taken on trust: only what shows without a schema is checked. With ``destroy`` keyed rules that are not named here
    go; with ``dry_run`` nothing is changed: it says what would be.
    """

    model_config = ConfigDict(extra="forbid")

    rules: list[dict[str, Any]] = Field(description="Each as for `POST /v1/rules`, and with a `key`")
    projects: list[ProjectChanged] = []
    destroy: bool = False
    dry_run: bool = False


class Named(BaseModel):
    key: str
    id: str


class Skipped(BaseModel):
    """``pointer`` is the rule's place in the body."""

    pointer: str
    reason: str


class Applied(BaseModel):
    created: list[Named]
    changed: list[Named]
    unchanged: list[Named]
    destroyed: list[Named]
    skipped: list[Skipped]


class Held(BaseModel):
    rules: list[dict[str, Any]]


@router.get("/part", summary="The keyed rules, as they would be applied")
async def get_part(transaction: Tx, _administrator: Administrator) -> Held:
    return Held(rules=[_written(each) for each in await rules.keyed(transaction)])


@router.post("/part", summary="Make these rules, by key and project; what is not built is skipped, with its reason")
async def apply_part(body: Part, transaction: Tx, _administrator: Administrator, settings: Configured) -> Applied:
    read = [_read(each) for each in body.rules]
    drafts = {number: each for number, each in enumerate(read) if isinstance(each, Draft)}
    installed = await install_rules(
        transaction, drafts, body.projects, settings, dry_run=body.dry_run, destroy=body.destroy
    )
    unread = {number: each for number, each in enumerate(read) if isinstance(each, str)}
    return _shown(installed, installed.skipped | unread)


def _read(written: dict[str, Any]) -> Draft | str:
    """The rule, or why it does not read."""
    try:
        return KeyedRule.model_validate(written).draft()
    except ValidationError as error:
        return " ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}." for each in error.errors())


def _written(rule: Rule) -> dict[str, Any]:
    """As `_read` takes it; what is as usual is left out."""
    parts: dict[str, Any] = {"key": rule.key, "name": rule.name, "project": rule.project, "trigger": rule.trigger}
    parts |= {"conditions": rule.conditions, "actions": list(rule.actions), "settings": rule.settings}
    usual: dict[str, Any] = {"project": None, "conditions": {"all": []}, "settings": {}}
    written = {name: value for name, value in parts.items() if name not in usual or value != usual[name]}
    return written if rule.enabled else written | {"enabled": False}


def _shown(installed: Installed, skipped: dict[int, str]) -> Applied:
    return Applied(
        created=_named(installed.created),
        changed=_named(installed.changed),
        unchanged=_named(installed.unchanged),
        destroyed=_named(installed.destroyed),
        skipped=[Skipped(pointer=f"/rules/{number}", reason=reason) for number, reason in sorted(skipped.items())],
    )


def _named(found: Iterable[Rule]) -> list[Named]:
    return [Named(key=each.key or "", id=each.id) for each in found]
