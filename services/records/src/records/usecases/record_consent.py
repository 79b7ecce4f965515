"""Writing down that somebody agreed to something, or took it back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from records.domain.consent import Consent, Ground, State, consent_field, entry, ground_of, held, read_ground
from records.domain.edits import Edit
from records.domain.options import key_of, refuse_archived
from records.domain.record import Record
from records.domain.schema import Field
from records.domain.workspace import Workspace
from records.storage import consents
from records.usecases.keep_consents import keep
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import save_versions
from records.usecases.update_record import updated
from shared.database import Transaction
from shared.errors import Invalid


async def record_consent(
    transaction: Transaction, workspace: Workspace, record_id: str, given: Mapping[str, Any]
) -> Consent:
    """The entry, which is kept also where nothing changes by it: who says yes again says it to another wording.

    Raises `Invalid`, `RecordNotFound`, `Forbidden`.
    """
    record = await lock_record(transaction, workspace, record_id)
    schema = workspace.schemas[record.project_id]
    try:
        known = consent_field(schema, given["field"])
    except Invalid as problem:
        raise Invalid.at("/field", problem.detail) from problem
    if known.key in schema.fixed:
        raise Invalid.at("/field", f"'{known.name}' is read-only for you.")
    state: State = given["state"]
    option = _option(known, given["option"], record, state)
    ground = read_ground({**given, "option": option}, ground_of(transaction.actor))
    return await say(transaction, workspace, record, known, option, state, ground)


async def say(
    transaction: Transaction,
    workspace: Workspace,
    record: Record,
    known: Field,
    option: str,
    state: State,
    ground: Ground,
) -> Consent:
    """The record is locked."""
    schema = workspace.schemas[record.project_id]
    before = held(record, known.key)
    after = [each["key"] for each in known.config["options"] if _holds(each["key"], before, option, state)]
    if after != before:
        version = updated(transaction, schema, record, Edit(values={known.key: after or None}))
        await save_versions(transaction, schema, [version], ground=ground)
        last = await consents.newest(transaction.connection, [record.id])
        return next(each for each in last if (each.field, each.option) == (known.key, option))
    said = replace(entry(record, known, option, state, ground, transaction.actor), at=transaction.now)
    await keep(transaction, schema.whole or schema, [(record, said)])
    return said


def _holds(key: str, before: list[str], option: str, state: State) -> bool:
    return state == "given" if key == option else key in before


def _option(known: Field, given: str, record: Record, state: State) -> str:
    try:
        option = key_of(given, known.config["options"])
        if state == "given":
            refuse_archived(held(record, known.key), [option], known.config["options"])
    except Invalid as problem:
        raise Invalid.at("/option", f"'option' {problem.detail}") from problem
    return option
