"""What a route may ask for besides its transaction and its caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import Row

from automations.domain.reading import ReadRule
from automations.domain.rights import is_whole, shows_record, shows_rule
from automations.settings import Settings
from automations.storage import records, rules
from automations.usecases.see import see_workspace
from shared.database import Transaction, Tx
from shared.errors import Forbidden
from shared.http.authentication import Principal, requires


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Configured = Annotated[Settings, Depends(_settings)]
Reader = Annotated[Principal, Depends(requires("read"))]
Writer = Annotated[Principal, Depends(requires("write"))]
Administrator = Annotated[Principal, Depends(requires("admin"))]


async def _overseer(caller: Reader) -> Principal:
    """What rules saw and did is told to people only where a role lets them manage automations: it quotes records."""
    if caller.policy.is_bound and not caller.policy.may("manage_automations"):
        raise Forbidden("Your roles do not let you look into automations.")
    return caller


async def _maker(caller: Annotated[Principal, Depends(_overseer)]) -> Principal:
    if "write" not in caller.scopes:
        raise Forbidden("This key lacks the scope 'write'.")
    return caller


Overseer = Annotated[Principal, Depends(_overseer)]
Maker = Annotated[Principal, Depends(_maker)]

RuleFilter = Annotated[str | None, Query(alias="rule", description="Only of this rule")]
RecordFilter = Annotated[str | None, Query(alias="record", description="Only about this record")]
StateFilter = Annotated[str | None, Query(alias="state", description="Only in this state")]

NOBODY = "00000000-0000-0000-0000-000000000000"


def own_id(text: str) -> str:
    """An id of ours; whatever else somebody sends is the id of nothing."""
    try:
        return str(UUID(text))
    except ValueError:
        return NOBODY


def wanted(rule: str | None, record: str | None, state: str | None) -> dict[str, str]:
    """The filters of a list, by column."""
    given = {"rule_id": own_id(rule) if rule else None, "record_id": record, "state": state}
    return {column: value for column, value in given.items() if value}


@dataclass(frozen=True)
class Rulebook:
    """The rules as the caller sees them."""

    transaction: Transaction
    settings: Settings
    _shown: dict[tuple[str, int], bool] = field(default_factory=dict)

    async def shows(self, rule: ReadRule | None) -> bool:
        policy = self.transaction.policy
        if policy is None or not policy.is_bound:
            return True
        if rule is None:
            return False
        key = (rule.rule.id, rule.rule.version)
        if key not in self._shown:
            self._shown[key] = shows_rule(rule, await see_workspace(self.transaction, self.settings), policy)
        return self._shown[key]

    async def tells_all(self, rule: ReadRule | None) -> bool:
        """Whether they may read what records answered, too."""
        policy = self.transaction.policy
        if policy is None or not policy.is_bound:
            return True
        return rule is not None and is_whole(rule, await see_workspace(self.transaction, self.settings), policy)

    async def of_seen(self, rows: Sequence[Row[Any]], versions: Mapping[str, int] | None = None) -> Sequence[Row[Any]]:
        """Of runs or timers those of rules and of records that are seen; ``versions`` where the rows have none."""
        policy = self.transaction.policy
        if policy is None or not policy.is_bound:
            return rows
        of = {
            each.id: (str(each.rule_id), versions[str(each.rule_id)] if versions else each.rule_version)
            for each in rows
        }
        read = await rules.versions(self.transaction, set(of.values()))
        kept = [each for each in rows if await self.shows(read.get(of[each.id]))]
        return await of_seen_records(self.transaction, kept)


async def seen_rules(transaction: Tx, settings: Configured, _caller: Overseer) -> Rulebook:
    return Rulebook(transaction, settings)


SeenRules = Annotated[Rulebook, Depends(seen_rules)]


async def of_seen_records(transaction: Transaction, rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Those that are about a record that the caller may read, or about none."""
    policy = transaction.policy
    if policy is None or not policy.is_bound:
        return rows
    known = await records.get(transaction, {each.record_id for each in rows if each.record_id})
    seen = {key for key, each in known.items() if shows_record(each, policy)}
    return [each for each in rows if each.record_id is None or each.record_id in seen]
