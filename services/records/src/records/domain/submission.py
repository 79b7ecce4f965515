"""An answer to a form: what was written, what became of it, and the token that its page carried."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from records.domain.consent import Ground
from records.domain.edits import read_edit
from records.domain.form import DESCRIPTION, TITLE, Form, Question, Terms, said
from records.domain.notation import Notation
from records.domain.pointers import pointer
from records.domain.schema import Schema
from records.domain.signing import opened, sealed, signature
from records.domain.texts import text_of
from shared.errors import FieldError, Invalid, Problem

# created: a new record. attached: to one that was there. spam: a robot fell into the trap; kept, never acted on.
State = Literal["created", "attached", "spam"]
OLDEST_PAGE = timedelta(days=1)
LONGEST_TITLE = 500
LONGEST_DESCRIPTION = 20_000
# NUL and half characters.
UNSTORABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
# Names no field can have, for what a page sends beside the answers: its token, and a field people do not see.
TOKEN, TRAP = "_token", "_homepage"
NEEDED = "This is needed."


class TooManySubmissions(Problem):
    status = 429
    title = "Too many submissions"


@dataclass(frozen=True)
class Submission:
    """``visitor`` is a keyed hash of an address, never the address; ``nonce`` is of the page it was sent from."""

    id: str
    form_id: str
    at: datetime
    state: State
    answers: Mapping[str, Any]
    visitor: str | None = None
    nonce: str | None = None
    record_id: str | None = None


@dataclass(frozen=True)
class Stamp:
    """Of a page that was shown: when, and which."""

    shown_at: datetime
    nonce: str


def token(form: Form, shown_at: datetime, nonce: str) -> str:
    """What a page carries, so that it can be told when it was shown and whether it was sent before."""
    return sealed(form.secret, form.id, f"{int(shown_at.timestamp() * 1000)}.{nonce}")


def read_token(form: Form, given: object, now: datetime, min_fill: timedelta) -> Stamp:
    """Raises `Invalid` for a page that is not ours, too old, or filled faster than a person can."""
    shown, _, nonce = (opened(form.secret, form.id, str(given or "")) or "").partition(".")
    if not shown:
        raise Invalid.at(f"/{TOKEN}", "This page is not ours, or incomplete. Open the form anew.")
    shown_at = datetime.fromtimestamp(int(shown) / 1000, UTC)
    if now - shown_at > OLDEST_PAGE:
        raise Invalid.at(f"/{TOKEN}", "This page was open for too long. Open the form anew and send it again.")
    if now - shown_at < min_fill:
        raise Invalid.at(f"/{TOKEN}", "That was faster than a person can write. Wait a moment and send it again.")
    return Stamp(shown_at, nonce)


def visitor(form: Form, address: str | None) -> str | None:
    """Tells one visitor from another for as long as the form lives, without knowing who they are."""
    return signature(form.secret, form.id, f"address/{address}") if address else None


def read_answers(terms: Terms, given: Mapping[str, Any], schema: Schema, *, written: bool) -> dict[str, Any]:
    """The API's object of a record, from the answers by field. Raises `Invalid` with every mistake.

    ``written``: all are texts, as a person wrote them into the page.
    """
    asked = {each.key: each for each in terms.questions}
    unknown = sorted(set(given) - set(asked))
    errors = [FieldError(pointer(key), f"This form does not ask for '{key}'.") for key in unknown]
    values: dict[str, Any] = {}
    for key, question in asked.items():
        value = given.get(key)
        if value in (None, "", []):
            if question.required:
                errors.append(FieldError(pointer(key), NEEDED))
            continue
        try:
            values[key] = _answer(key, value, schema, written=written)
            _refuse_unasked(question, values[key])
        except Invalid as problem:
            errors.append(FieldError(pointer(key), problem.detail))
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return values


def as_spam(terms: Terms, given: Mapping[str, Any]) -> dict[str, str]:
    """What a robot wrote where people would: the beginning of it, as the database can hold it."""
    asked = {each.key for each in terms.questions}
    return {key: str(value)[:LONGEST_TITLE].translate(UNSTORABLE) for key, value in given.items() if key in asked}


def record_given(terms: Terms, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the answers, with the form's defaults, make of a new record."""
    given: dict[str, Any] = {"title": values[TITLE], "tags": list(terms.tags), "assignees": list(terms.assignees)}
    given["values"] = dict(terms.defaults) | field_values(values) | agreed_to(terms, values)
    return given | ({"list": terms.list} if terms.list else {})


def agreed_to(terms: Terms, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """By consent field what was agreed to, with the purpose that whoever answers is kept for."""
    agreed = {each.key: list(values[each.key]) for each in terms.questions if each.consents and each.key in values}
    if terms.purpose:
        options = agreed.setdefault(terms.purpose.field, [])
        options += [] if terms.purpose.option in options else [terms.purpose.option]
    return agreed


def consent_ground(form: Form, terms: Terms, submission: str, language: str) -> Ground:
    """How it is known: by the boxes that were ticked, with the words that stood beside them."""
    wordings = {option: said(text, language) for each in terms.questions for option, text in each.consents.items()}
    bases = {terms.purpose.option: terms.purpose.legal_basis} if terms.purpose and terms.purpose.legal_basis else {}
    return Ground(
        source="web_form",
        legal_basis="consent",
        bases={option: basis for option, basis in bases.items() if option not in wordings},
        wordings=wordings,
        wording_version=str(form.version),
        evidence=f"submission:{submission}",
    )


def field_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in (TITLE, DESCRIPTION)}


def _answer(key: str, value: object, schema: Schema, *, written: bool) -> Any:
    if key == TITLE:
        return text_of(value, LONGEST_TITLE).strip() or _empty()
    if key == DESCRIPTION:
        return text_of(value, LONGEST_DESCRIPTION, lines=True)
    field = schema.fields_by_key[key]
    if not written:
        edit = read_edit({"values": {key: value}}, schema)
        return field.behaviour.present(edit.values[key], field.config)
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return field.behaviour.present(field.behaviour.from_text(text.strip(), field.config, Notation()), field.config)


def _refuse_unasked(question: Question, value: Any) -> None:
    """Nobody agrees to what they were not shown."""
    if question.consents and (unasked := [each for each in value if each not in question.consents]):
        raise Invalid(f"This form does not ask for '{unasked[0]}'.")


def _empty() -> str:
    raise Invalid("is empty.")
