"""A public form: what it asks, where an answer goes, and what keeps robots and repetitions out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from records.domain.configuration import known_settings
from records.domain.form_consents import Purpose, read_purpose, read_wordings
from records.domain.pointers import pointer, under
from records.domain.schema import Field, Schema
from records.domain.schema_parts import KEY
from records.domain.texts import text_of
from records.domain.workspace import Workspace
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.expressions import Kind

TITLE, DESCRIPTION = "title", "description"
PARTS = frozenset(
    {"key", "title", "intro", "button", "thanks", "fields", "defaults", "redirect_url", "protection", "on_submit"}
    | {"privacy", "share", "theme", "enabled"}
)
QUESTION = ("key", "required", "title", "help", "consents")
MOST_FIELDS = 100
LONGEST = 2_000
RATE = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})s", re.ASCII)
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
# A stranger may not browse our records and people, upload files, or press our buttons.
NEVER_ASKED = frozenset({Kind.LINK, Kind.USER, Kind.FILE, None})
DUPLICATES = {"attach_to_existing": "attach", "create": "create", "refuse": "refuse"}

Text = Mapping[str, str]


class FormNotFound(NotFound):
    pass


class FormKeyTaken(Conflict):
    pass


@dataclass(frozen=True)
class Rate:
    """So many submissions in such a time."""

    count: int
    within: timedelta


@dataclass(frozen=True)
class Protection:
    """``min_fill`` is how long a person needs at least, from being shown the page to sending it."""

    honeypot: bool = True
    min_fill: timedelta = timedelta(seconds=3)
    per_visitor: Rate = Rate(5, timedelta(seconds=60))
    per_form: Rate = Rate(60, timedelta(seconds=60))


@dataclass(frozen=True)
class Question:
    """``title`` and ``help`` by language; without a title the field's own name.

    ``consents`` are, of a consent field, what may be agreed to: by option the wording, by language.
    """

    key: str
    required: bool = False
    title: Text = field(default_factory=dict)
    help: Text = field(default_factory=dict)
    consents: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Duplicate:
    """What becomes of an answer whose ``match`` fields (any of them) are those of a record that is there."""

    match: Sequence[str]
    action: Literal["attach", "create", "refuse"]


@dataclass(frozen=True)
class FollowUp:
    """A record to be made beside, in which ``{{record.id}}`` stands for the one of the answer."""

    project: str
    list: str | None
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Terms:
    """What a form's definition says, read."""

    title: Text
    questions: Sequence[Question]
    defaults: Mapping[str, Any]
    list: str | None
    tags: Sequence[str]
    assignees: Sequence[str]
    protection: Protection
    duplicate: Duplicate | None
    follow_ups: Sequence[FollowUp]
    redirect_url: str | None
    purpose: Purpose | None
    intro: Text
    button: Text
    thanks: Text
    theme: Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """``definition`` is as it was given; `read_form` reads it. ``secret`` signs the tokens of its page."""

    id: str
    project_id: str
    key: str
    slug: str
    definition: Mapping[str, Any]
    secret: str
    enabled: bool
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


def read_form(given: Mapping[str, Any], schema: Schema, workspace: Workspace) -> Terms:
    """Raises `Invalid` with every mistake, as ``/fields/2/key``."""
    errors: list[FieldError] = []

    def part(place: str, reading: Any) -> Any:
        try:
            return reading()
        except Invalid as problem:
            errors.extend(under(place, problem))
            return None

    part("", lambda: known_settings(given, PARTS))
    defaults = dict(given.get("defaults") or {})
    rules = given.get("on_submit") or []
    terms = Terms(
        title=part("/title", lambda: _text(given.get("title"), required=True)),
        questions=part("/fields", lambda: _questions(given.get("fields"), schema)) or (),
        list=part("/defaults/list", lambda: _list(defaults.pop("list", None), schema)),
        tags=tuple(defaults.pop("tags", ())),
        assignees=tuple(defaults.pop("assignees", ())),
        defaults=defaults,
        protection=part("/protection", lambda: _protection(given.get("protection") or {})) or Protection(),
        duplicate=part("/on_submit", lambda: _duplicate(rules, schema)),
        follow_ups=part("/on_submit", lambda: _follow_ups(rules, workspace)) or (),
        redirect_url=part("/redirect_url", lambda: _url(given.get("redirect_url"))),
        purpose=part("/privacy", lambda: read_purpose(given.get("privacy") or {}, schema)),
        intro=part("/intro", lambda: _text(given.get("intro"))) or {},
        button=part("/button", lambda: _text(given.get("button"))) or {},
        thanks=part("/thanks", lambda: _text(given.get("thanks"))) or {},
        theme=part("/theme", lambda: _theme(given.get("theme") or {})) or {},
    )
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return terms


def form_key(value: object) -> str:
    if not (isinstance(value, str) and KEY.fullmatch(value)):
        raise Invalid.at("/key", "'key' is lower case letters, digits and underscores, beginning with a letter.")
    return value


def said(text: Text, language: str) -> str:
    """The text in the language, else in English, else in any."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


def askable(schema: Schema) -> dict[str, Field]:
    """The fields of which a stranger may be asked the value."""
    return {each.key: each for each in schema.fields if each.kind not in NEVER_ASKED and each.type != "unique_id"}


def _text(given: object, *, required: bool = False) -> Text:
    if given is None and not required:
        return {}
    texts = given if isinstance(given, Mapping) else {"en": given}
    read = {str(language): text_of(text, LONGEST, lines=True) for language, text in texts.items()}
    if required and not any(each.strip() for each in read.values()):
        raise Invalid("is empty.")
    return read


def _questions(given: object, schema: Schema) -> list[Question]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_FIELDS:
        raise Invalid(f"A form asks for 1 to {MOST_FIELDS} fields.")
    questions, errors = list[Question](), list[FieldError]()
    for number, each in enumerate(given):
        try:
            questions.append(_question(each, schema, {asked.key for asked in questions}))
        except Invalid as problem:
            errors += under(pointer(number), problem)
    if errors:
        raise Invalid(errors[0].detail, errors)
    if not {TITLE} & {each.key for each in questions}:
        raise Invalid("A form asks for the title, which every record has.")
    return questions


def _question(given: object, schema: Schema, taken: set[str]) -> Question:
    if not isinstance(given, Mapping):
        raise Invalid('is an object like {"key": "email", "required": true}.')
    unknown = set(given) - set(QUESTION)
    if unknown:
        raise Invalid.at(f"/{min(unknown)}", f"There is no '{min(unknown)}' here; there is {', '.join(QUESTION)}.")
    key = given.get("key")
    if key in taken:
        raise Invalid.at("/key", f"'{key}' is asked twice.")
    if key not in {TITLE, DESCRIPTION, *askable(schema)}:
        raise Invalid.at("/key", f"'{key}' is no field of '{schema.project.key}' that a form can ask for.")
    required = bool(given.get("required")) or key == TITLE
    asked = Question(str(key), required, _text(given.get("title")), _text(given.get("help")))
    return replace(asked, consents=read_wordings(given.get("consents"), schema.fields_by_key.get(asked.key), _wording))


def _wording(given: object) -> Text:
    return _text(given, required=True)


def _list(key: object, schema: Schema) -> str | None:
    if key is not None and key not in schema.lists_by_key:
        raise Invalid(f"The project '{schema.project.key}' has no list '{key}'.")
    return key if isinstance(key, str) else None


def _protection(given: Mapping[str, Any]) -> Protection:
    unknown = set(given) - {"honeypot", "min_fill_seconds", "rate_limit", "captcha", "idempotency"}
    if unknown:
        raise Invalid.at(f"/{min(unknown)}", f"There is no protection '{min(unknown)}'.")
    if given.get("captcha") not in (None, False, "optional"):
        raise Invalid.at("/captcha", "A captcha is not built; honeypot, min_fill_seconds and rate_limit are.")
    seconds = given.get("min_fill_seconds", 3)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 3_600:  # noqa: PLR2004
        raise Invalid.at("/min_fill_seconds", "'min_fill_seconds' is a number from 0 to 3600.")
    rates = given.get("rate_limit") or {}
    usual = Protection()
    return Protection(
        honeypot=given.get("honeypot", True) is not False,
        min_fill=timedelta(seconds=seconds),
        per_visitor=_rate(rates.get("per_ip"), "per_ip") or usual.per_visitor,
        per_form=_rate(rates.get("per_form"), "per_form") or usual.per_form,
    )


def _rate(given: object, name: str) -> Rate | None:
    if given is None:
        return None
    found = RATE.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise Invalid.at(f"/rate_limit/{name}", f"'{name}' is written like 5/60s: so many in so many seconds.")
    return Rate(int(found[1]), timedelta(seconds=int(found[2])))


def _duplicate(rules: Sequence[Mapping[str, Any]], schema: Schema) -> Duplicate | None:
    for number, each in enumerate(rules):
        if "dedupe" not in each:
            continue
        match, action = each["dedupe"].get("match"), each["dedupe"].get("action", "attach_to_existing")
        known = {TITLE, *askable(schema)}
        if not isinstance(match, list) or not match or not set(match) <= known:
            raise Invalid.at(pointer(number, "dedupe", "match"), "'match' is a list of fields that the form asks for.")
        if action not in DUPLICATES:
            raise Invalid.at(pointer(number, "dedupe", "action"), f"'action' is one of {', '.join(DUPLICATES)}.")
        return Duplicate(tuple(match), DUPLICATES[action])  # type: ignore[arg-type]  # a value of the table
    return None


def _follow_ups(rules: Sequence[Mapping[str, Any]], workspace: Workspace) -> list[FollowUp]:
    follow_ups = []
    for number, each in enumerate(rules):
        place = pointer(number)
        if set(each) - {"dedupe", "create_record"} or len(each) != 1:
            raise Invalid.at(place, "is an object of either 'dedupe' or 'create_record'.")
        if "create_record" in each:
            follow_ups.append(_follow_up(each["create_record"], f"{place}/create_record", workspace))
    return follow_ups


def _follow_up(given: Mapping[str, Any], place: str, workspace: Workspace) -> FollowUp:
    there = workspace.by_key.get(str(given.get("project")))
    if there is None:
        raise Invalid.at(f"{place}/project", f"There is no project '{given.get('project')}'.")
    if given.get("list") is not None and given["list"] not in there.lists_by_key:
        raise Invalid.at(f"{place}/list", f"The project '{there.project.key}' has no list '{given['list']}'.")
    values = given.get("set") or {}
    for key in values:
        if key != TITLE and key not in there.fields_by_key:
            raise Invalid.at(f"{place}/set/{key}", f"The project '{there.project.key}' has no field '{key}'.")
    return FollowUp(there.project.key, given.get("list"), values)


def _url(given: object) -> str | None:
    if given in (None, ""):
        return None
    url = text_of(given, LONGEST)
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise Invalid("is a web address that begins with https://.")
    return url


def _theme(given: Mapping[str, Any]) -> Mapping[str, str]:
    known_settings(given, frozenset({"color", "logo_url", "footer"}))
    if given.get("color") is not None and not COLOR.fullmatch(str(given["color"])):
        raise Invalid.at("/color", "'color' is written like #2563eb.")
    _url(given.get("logo_url"))
    return {name: text_of(value, LONGEST) for name, value in given.items() if value is not None}
