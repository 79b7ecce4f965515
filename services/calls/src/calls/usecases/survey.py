"""Asking a caller how it was: a link for one call, good for one answer and a while."""

import hashlib
import secrets
from datetime import datetime, timedelta

from calls.storage import people
from calls.usecases.fold_calls import OpenCalls
from calls.usecases.note_call import note_call
from shared.database import Transaction
from shared.errors import NotFound, Problem

# Later than this after the call nobody remembers it.
USUAL = timedelta(hours=72)


class NoSuchSurvey(NotFound):
    title = "No such survey"


class SurveyOver(Problem):
    status = 410
    title = "This survey is over"


async def open_survey(transaction: Transaction, call_id: str) -> tuple[str, datetime]:
    """A token that only the caller gets, and until when it may be used."""
    token, until = secrets.token_urlsafe(24), transaction.now + USUAL
    await people.add_survey(transaction, _hash(token), call_id, until)
    return token, until


async def look_at(transaction: Transaction, token: str) -> str:
    """The call it is about. Raises `NoSuchSurvey`, `SurveyOver`."""
    found = await people.open_survey(transaction, _hash(token))
    if found is None:
        raise NoSuchSurvey("There is no such survey.")
    if found["answered_at"] is not None:
        raise SurveyOver("This was answered already. Thank you.")
    if found["expires_at"] <= transaction.now:
        raise SurveyOver("The time to answer this is over.")
    call: str = found["call"]
    return call


async def answer(transaction: Transaction, token: str, score: int) -> None:
    """Note the caller's score on the call. Raises `NoSuchSurvey`, `SurveyOver`."""
    call_id = await look_at(transaction, token)
    calls_open = OpenCalls(transaction)
    await calls_open.open({call_id})
    await note_call(transaction, calls_open, calls_open.rows[call_id], {"csat": score})
    await people.close_survey(transaction, _hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
