"""Somebody answered a form: keep the answer, and make of it what the form says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.consent import Ground
from records.domain.form import DESCRIPTION, TITLE, FollowUp, Form, Terms, said
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.snapshots import record_snapshot
from records.domain.submission import (
    Stamp,
    State,
    Submission,
    TooManySubmissions,
    agreed_to,
    as_spam,
    consent_ground,
    field_values,
    read_answers,
    record_given,
)
from records.domain.workspace import Workspace
from records.storage import forms, records
from records.storage.queries import Wanted, find_page
from records.usecases.create_record import create_record
from records.usecases.lock_record import lock_record
from records.usecases.log_activity import log_activity
from records.usecases.record_consent import say
from records.usecases.update_record import update_record
from shared.contracts.records import FormSubmitted
from shared.database import Transaction
from shared.errors import Conflict
from shared.expressions import parse_filter

BLANK = "{{record.id}}"


class AlreadyThere(Conflict):
    """The form takes no second answer of the same person."""


@dataclass(frozen=True)
class Answer:
    """What came in. ``trapped``: it filled what people do not see. ``written``: as texts, by hand into the page.

    ``language`` is the one in which the questions were shown.
    """

    given: Mapping[str, Any]
    visitor: str | None = None
    stamp: Stamp | None = None
    trapped: bool = False
    written: bool = False
    language: str = "en"


async def submit_form(
    transaction: Transaction, workspace: Workspace, form: Form, terms: Terms, answer: Answer
) -> Submission:
    """The submission as it was kept; of a page that is sent again, the first one.

    Raises `Invalid` by field, `TooManySubmissions`, `AlreadyThere`.
    """
    await forms.take_turns(transaction.connection, form)
    before = await forms.by_nonce(transaction.connection, form.id, answer.stamp.nonce) if answer.stamp else None
    if before:
        return before
    await _hold_back(transaction, form, terms, answer)
    if answer.trapped and terms.protection.honeypot:
        spam = replace(answer, given=as_spam(terms, answer.given))
        return await _keep(transaction, form, spam, "spam", None, str(uuid7()))
    schema = workspace.schemas[form.project_id]
    values = read_answers(terms, answer.given, schema, written=answer.written)
    submission = str(uuid7())
    ground = consent_ground(form, terms, submission, answer.language)
    existing = await _existing(transaction, workspace, schema, terms, values)
    if existing:
        record = await _attach(transaction, workspace, existing, terms, values, ground)
    else:
        given = record_given(terms, values)
        record = (await create_record(transaction, workspace, schema, given, ground)).record
    await _describe(transaction, workspace, form, terms, record, values, again=existing is not None)
    for each in terms.follow_ups:
        await _follow_up(transaction, workspace, each, record)
    kept = await _keep(transaction, form, answer, "attached" if existing else "created", record, submission)
    transaction.publish(
        FormSubmitted(
            id=kept.id,
            form=form.key,
            project=schema.project.id,
            attached=existing is not None,
            record=record_snapshot(record, schema),
        )
    )
    return kept


async def _hold_back(transaction: Transaction, form: Form, terms: Terms, answer: Answer) -> None:
    limits = (terms.protection.per_form, terms.protection.per_visitor)
    every, own = (transaction.now - rate.within for rate in limits)
    counts = await forms.count_since(transaction.connection, form.id, every, answer.visitor, own)
    for rate, counted in zip(limits, counts, strict=True):
        if counted >= rate.count:
            problem = TooManySubmissions("This form was sent very often just now. Wait a minute and send it again.")
            problem.retry_after = max(1, int(rate.within.total_seconds()))
            raise problem


async def _keep(
    transaction: Transaction, form: Form, answer: Answer, state: State, record: Record | None, submission: str
) -> Submission:
    kept = Submission(
        id=submission,
        form_id=form.id,
        at=transaction.now,
        state=state,
        answers=dict(answer.given),
        visitor=answer.visitor,
        nonce=answer.stamp.nonce if answer.stamp else None,
        record_id=record.id if record else None,
    )
    await forms.add_submission(transaction.connection, kept)
    return kept


async def _existing(
    transaction: Transaction, workspace: Workspace, schema: Schema, terms: Terms, values: Mapping[str, Any]
) -> Record | None:
    """The oldest record with the same value in one of the fields that tell people apart. Raises `AlreadyThere`."""
    if terms.duplicate is None or terms.duplicate.action == "create":
        return None
    matches = [{"field": key, "op": "eq", "value": values[key]} for key in terms.duplicate.match if key in values]
    if not matches:
        return None
    project = schema.project.key
    condition = parse_filter({"any": matches}, project, workspace.expressions)
    found = await find_page(transaction.connection, workspace, Wanted(project, condition, limit=1), transaction.now)
    if found.records and terms.duplicate.action == "refuse":
        raise AlreadyThere("We have your answer already.")
    return found.records[0] if found.records else None


async def _attach(
    transaction: Transaction,
    workspace: Workspace,
    existing: Record,
    terms: Terms,
    values: Mapping[str, Any],
    ground: Ground,
) -> Record:
    """What was empty is filled; what is there is not overwritten by a stranger. Who agrees again says so again."""
    agreed = agreed_to(terms, values)
    held = existing.values.keys() | existing.links.keys() | agreed.keys()
    news = {key: value for key, value in field_values(values).items() if key not in held}
    if news:
        await update_record(transaction, workspace, existing.id, {"values": news}, None)
    schema = workspace.schemas[existing.project_id]
    for key, options in agreed.items():
        for option in options:
            record = await lock_record(transaction, workspace, existing.id)
            await say(transaction, workspace, record, schema.field(key), option, "given", ground)
    return await records.get(transaction.connection, existing.id)


async def _describe(
    transaction: Transaction,
    workspace: Workspace,
    form: Form,
    terms: Terms,
    record: Record,
    values: Mapping[str, Any],
    *,
    again: bool,
) -> None:
    """What was written freely, and what an existing record could not take in, stands in a note on it."""
    lines = [values[DESCRIPTION]] if DESCRIPTION in values else []
    if again:
        left_out = {DESCRIPTION, *agreed_to(terms, values)}
        lines += [f"{key}: {value}" for key, value in values.items() if key not in left_out]
    if lines:
        heading = said(terms.title, "en") or form.key
        body = {"type": "note", "body": "\n".join([f"{heading}:", *map(str, lines)])}
        await log_activity(transaction, workspace, record.id, body)


async def _follow_up(transaction: Transaction, workspace: Workspace, wanted: FollowUp, record: Record) -> None:
    filled = {key: record.id if value == BLANK else value for key, value in wanted.values.items()}
    given: dict[str, Any] = {"title": filled.pop(TITLE, record.title), "values": filled}
    if wanted.list:
        given["list"] = wanted.list
    await create_record(transaction, workspace, workspace.by_key[wanted.project], given)
