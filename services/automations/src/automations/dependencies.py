"""What a route may ask for besides its transaction and its caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import Row

from automations.settings import Settings
from automations.storage import records
from shared.database import Transaction
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


@dataclass(frozen=True)
class Home:
    """A project, as rights name it."""

    id: str


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


async def of_seen_records(transaction: Transaction, rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Those that are about a record that the caller may read, or about none."""
    policy = transaction.policy
    if policy is None or not policy.is_bound:
        return rows
    known = await records.get(transaction, {each.record_id for each in rows if each.record_id})
    seen = {key for key, each in known.items() if policy.may_read_record(Home(each.project), vars(each))}
    return [each for each in rows if each.record_id is None or each.record_id in seen]
