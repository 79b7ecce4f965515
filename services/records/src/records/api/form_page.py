"""The page of a public form: plain HTML that works without scripts, in a frame, on a telephone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from records.api.form_mistakes import mistake
from records.domain.fields import FIELD_TYPES
from records.domain.form import DESCRIPTION, TITLE, Form, Question, Terms, said
from records.domain.schema import Schema
from records.domain.submission import TOKEN, TRAP
from shared.errors import FieldError
from shared.http.strangers import page

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=select_autoescape(), undefined=StrictUndefined
)
_WORDS = {
    "en": {
        "optional": "optional",
        "send": "Send",
        "thanks": "Thank you. We have your answer.",
        "again": "Please look again.",
        "closed": "This form is closed",
        "gone": "There is no form at this address, or it takes no answers any more.",
    },
    "nl": {
        "optional": "niet verplicht",
        "send": "Versturen",
        "thanks": "Dank u wel. We hebben uw antwoord ontvangen.",
        "again": "Kijk dit nog eens na.",
        "closed": "Dit formulier is gesloten",
        "gone": "Op dit adres staat geen formulier, of het neemt geen antwoorden meer aan.",
    },
}
# Shown in a frame of anybody's site; loads nothing but a picture, runs nothing, posts only to us.
_POLICY = {"img-src": "https: data:", "frame-ancestors": "*"}
_COLOR = "#2563eb"
_TEXT = FIELD_TYPES["text"]
_WITHOUT_QUESTIONS: Mapping[str, Any] = {
    "questions": (), "token": "", "summary": None, "button": "", "intro": "", "action": "", "color": _COLOR,
    "logo": None, "footer": None,
}  # fmt: skip


def form_page(
    form: Form,
    terms: Terms,
    schema: Schema,
    *,
    token: str,
    language: str = "en",
    given: Mapping[str, Sequence[str]] | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> Response:
    """``given`` and ``errors``: what was written and what is wrong with it, so that nobody writes it twice."""
    words = _WORDS.get(language, _WORDS["en"])
    wrong = {each.pointer.split("/")[1] if each.pointer else "": each.detail for each in errors}
    questions = [_question(each, schema, language, given or {}, wrong) for each in terms.questions]
    asked = {each.key for each in terms.questions}
    elsewhere = [mistake(detail, language) for key, detail in wrong.items() if key not in asked]
    content = {
        "questions": questions,
        "token": token,
        "told": None,
        "summary": " ".join([words["again"], *elsewhere]) if errors else None,
        "button": said(terms.button, language) or words["send"],
        "intro": said(terms.intro, language),
    }
    return _page(form, terms, language, content, status)


def thanks_page(form: Form, terms: Terms, language: str) -> Response:
    words = _WORDS.get(language, _WORDS["en"])
    return _page(form, terms, language, {**_WITHOUT_QUESTIONS, "told": said(terms.thanks, language) or words["thanks"]})


def closed_page(language: str) -> Response:
    """At an address where no form is, or none that is open."""
    words = _WORDS.get(language, _WORDS["en"])
    return _shown({**_WITHOUT_QUESTIONS, "title": words["closed"], "told": words["gone"]}, language, 404)


def _page(form: Form, terms: Terms, language: str, content: Mapping[str, Any], status: int = 200) -> Response:
    own = {
        "title": said(terms.title, language),
        "action": f"/forms/{form.slug}",
        "color": terms.theme.get("color", _COLOR),
        "logo": terms.theme.get("logo_url"),
        "footer": terms.theme.get("footer"),
    }
    onward = urlsplit(terms.redirect_url or "")
    return _shown({**content, **own}, language, status, f"{onward.scheme}://{onward.netloc}" if onward.netloc else "")


def _shown(content: Mapping[str, Any], language: str, status: int, onward: str = "") -> Response:
    words = _WORDS.get(language, _WORDS["en"])
    shown = _PAGES.get_template("form.html").render(
        language=language, trap=TRAP, token_name=TOKEN, words=words, **content
    )
    return page(shown, status, {**_POLICY, "form-action": f"'self' {onward}".strip()})


def _question(
    asked: Question, schema: Schema, language: str, given: Mapping[str, Sequence[str]], wrong: Mapping[str, str]
) -> dict[str, Any]:
    field = schema.fields_by_key.get(asked.key)
    type_ = field.behaviour if field else _TEXT
    name = field.name if field else asked.key.capitalize()
    options = [(each["key"], each["name"]) for each in field.config.get("options", ())] if field else []
    return {
        "key": asked.key,
        "title": said(asked.title, language) or name,
        "help": said(asked.help, language),
        "required": asked.required,
        "error": mistake(wrong[asked.key], language, type_.input) if asked.key in wrong else None,
        "value": list(given.get(asked.key, ())),
        "input": "textarea" if asked.key == DESCRIPTION else type_.input,
        "autocomplete": "organization" if asked.key == TITLE else type_.autocomplete,
        "options": options,
        "several": type_.name == "multi_select",
        "consents": [(key, said(wording, language)) for key, wording in asked.consents.items()],
    }
