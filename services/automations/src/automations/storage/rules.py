"""Rules and their versions."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, select, tuple_, update

from automations.domain.clause import Misconfigured
from automations.domain.reading import ReadRule, read_rule
from automations.domain.rules import Rule
from automations.storage.matching import one_of
from automations.storage.tables import rule, rule_version
from shared.database import Transaction

log = logging.getLogger(__name__)

# Versions never change, so what was read once stays right. Emptied when it grows beyond all reason.
_read: dict[tuple[str, int], ReadRule] = {}
MOST_READ = 10_000

_alive = rule.c.deleted_at.is_(None)


async def add(transaction: Transaction, new: Rule) -> None:
    await transaction.execute(insert(rule).values(**_head(new, transaction.now), created_at=transaction.now))
    await _add_version(transaction, new)


async def save(transaction: Transaction, changed: Rule) -> None:
    """Write the rule as its next version; ``changed.version`` already says which."""
    head = _head(changed, transaction.now)
    await transaction.execute(update(rule).where(rule.c.id == changed.id).values(head))
    await _add_version(transaction, changed)


async def remove(transaction: Transaction, rule_id: str) -> None:
    """Its versions and runs stay."""
    gone = {"deleted_at": transaction.now, "enabled": False}
    await transaction.execute(update(rule).where(rule.c.id == rule_id).values(gone))


async def get(transaction: Transaction, rule_id: str, *, lock: bool = False) -> Rule | None:
    statement = _whole().where(rule.c.id == rule_id, _alive)
    row = (await transaction.execute(statement.with_for_update(of=rule) if lock else statement)).one_or_none()
    return _rule(row) if row else None


async def find_key(transaction: Transaction, key: str, project: str | None) -> Rule | None:
    """The rule of this key in the project, locked."""
    same = func.coalesce(rule.c.project, "") == (project or "")
    statement = _whole().where(rule.c.key == key, same, _alive).with_for_update(of=rule)
    row = (await transaction.execute(statement)).one_or_none()
    return _rule(row) if row else None


async def keyed(transaction: Transaction) -> list[Rule]:
    """Every rule that is known by a key, by project and key."""
    statement = _whole().where(rule.c.key.is_not(None), _alive).order_by(rule.c.project, rule.c.key)
    return [_rule(row) for row in await transaction.execute(statement)]


async def page(transaction: Transaction, project: str | None, after: str | None, limit: int) -> list[Rule]:
    """By id."""
    statement = _whole().where(_alive).order_by(rule.c.id).limit(limit)
    if project is not None:
        statement = statement.where(rule.c.project == project)
    if after:
        statement = statement.where(rule.c.id > after)
    return [_rule(row) for row in await transaction.execute(statement)]


async def enabled_of(transaction: Transaction, ids: Iterable[str]) -> dict[str, ReadRule]:
    """Those of the rules that are enabled, in their newest version."""
    which = (one_of(rule.c.id, ids), rule.c.enabled, _alive)
    current = [
        (row.id, row.version) for row in await transaction.execute(select(rule.c.id, rule.c.version).where(*which))
    ]
    return {each.rule.id: each for each in (await versions(transaction, current)).values()}


async def enabled_in(transaction: Transaction, project: str, kinds: Iterable[str]) -> list[ReadRule]:
    """The enabled rules of the project (by key), and of any, with triggers of these kinds."""
    which = (one_of(rule.c.trigger_type, kinds), rule.c.enabled, _alive)
    statement = select(rule.c.id, rule.c.version).where(*which, rule.c.project.is_(None) | (rule.c.project == project))
    current = [(row.id, row.version) for row in await transaction.execute(statement)]
    return list((await versions(transaction, current)).values())


async def newest(transaction: Transaction, ids: Iterable[str]) -> dict[str, int]:
    """The version of each of the rules, removed ones included."""
    found = await transaction.execute(select(rule.c.id, rule.c.version).where(one_of(rule.c.id, ids)))
    return {str(row.id): row.version for row in found}


async def versions(transaction: Transaction, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], ReadRule]:
    """The given versions of rules, whatever became of the rules since."""
    asked = set(wanted)
    missing = asked - _read.keys()
    if missing:
        at_version = tuple_(rule_version.c.rule_id, rule_version.c.version).in_(missing)
        for row in await transaction.execute(_whole(rule.c.id == rule_version.c.rule_id).where(at_version)):
            _remember(_rule(row))
    return {each: _read[each] for each in asked if each in _read}


async def _add_version(transaction: Transaction, new: Rule) -> None:
    await transaction.execute(
        insert(rule_version).values(
            rule_id=new.id,
            version=new.version,
            name=new.name,
            project=new.project,
            trigger=dict(new.trigger),
            conditions=dict(new.conditions),
            actions=[dict(each) for each in new.actions],
            settings=dict(new.settings),
            enabled=new.enabled,
            enabled_at=new.enabled_at,
            actor=transaction.actor,
            created_at=transaction.now,
        )
    )


def _head(each: Rule, now: datetime) -> dict[str, Any]:
    return {
        "id": each.id,
        "key": each.key,
        "name": each.name,
        "project": each.project,
        "trigger_type": each.trigger["type"],
        "enabled": each.enabled,
        "enabled_at": each.enabled_at,
        "version": each.version,
        "updated_at": now,
    }


_OF_VERSION = ("version", "name", "project", "trigger", "conditions", "settings", "enabled", "enabled_at")


def _whole(on: ColumnElement[bool] | None = None) -> Select[Any]:
    newest = and_(rule_version.c.rule_id == rule.c.id, rule_version.c.version == rule.c.version)
    columns = [rule_version.c[name] for name in _OF_VERSION]
    joined = rule.join(rule_version, newest if on is None else on)
    return select(rule.c.id, rule.c.key, rule_version.c.actions, *columns).select_from(joined)


def _rule(row: Any) -> Rule:
    known = {name: getattr(row, name) for name in _OF_VERSION}
    return Rule(id=row.id, key=row.key, actions=tuple(row.actions), **known)


def _remember(each: Rule) -> None:
    if len(_read) > MOST_READ:
        _read.clear()
    try:
        _read[each.id, each.version] = read_rule(each)
    except Misconfigured:
        log.exception("rule %s, version %s, cannot be read any more", each.id, each.version)
