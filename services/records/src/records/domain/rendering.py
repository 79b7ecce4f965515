"""Document templates, rendered. Whoever writes one is not trusted: no calls, no assignments, little of everything else.

What a template may say is a list of syntax, not a list of what is forbidden: outputs, conditions, loops (few in each
other) and filters. So it can neither reach what is inside Python nor run for ever nor grow without end.
"""

import base64
import binascii
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

from babel import Locale, UnknownLocaleError, dates, numbers
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.errors import Invalid

DocumentKind = Literal["html", "email", "pdf", "docx"]
KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
TYPES: Mapping[DocumentKind, str] = {
    "html": "text/html",
    "email": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
LARGEST_BODY, LARGEST_OUTPUT, LARGEST_UNPACKED = 1_000_000, 2_000_000, 20_000_000
DEEPEST_LOOPS = 2
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Name, nodes.Const, nodes.List),
    *(nodes.Tuple, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Compare, nodes.Operand, nodes.And, nodes.Or),
    *(nodes.Not, nodes.CondExpr, nodes.Add, nodes.Sub, nodes.Concat, nodes.Test, nodes.Neg),
)


@dataclass(frozen=True)
class Rendered:
    content: bytes
    type: str
    subject: str
    our_ref: str
    read: frozenset[str] = frozenset()


class _Noting(dict[str, Any]):
    """A record that notes which of its parts a template asks for."""

    def __init__(self, parts: Mapping[str, Any]) -> None:
        super().__init__(parts)
        self._noted = set[str]()

    def __getitem__(self, key: str) -> Any:
        self._noted.add(key)
        return super().__getitem__(key)

    def __repr__(self) -> str:
        self._noted.update(self)
        return super().__repr__()

    @property
    def _read(self) -> frozenset[str]:
        return frozenset(self._noted)


class _Environment(ImmutableSandboxedEnvironment):
    """Checks what it is about to compile, whoever hands it over."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _check(tree, 0)
        return tree


def render(
    kind: DocumentKind, body: Mapping[str, str], variables: Mapping[str, Any], language: str, our_ref: str = ""
) -> Rendered:
    """A document of a template's text in one language; ``read`` are the parts of the record that it speaks of.

    Raises `Invalid`, naming the variable that is not there.
    """
    record = _Noting(variables.get("record", {}))
    known, environment = {**variables, "record": record}, _environment(language)
    subject = _text(environment, body.get("subject", ""), known, "/subject")
    made = _MAKERS[kind](environment, body["body"], known)
    reference = _text(environment, our_ref, known, "/our_ref")
    return Rendered(made, TYPES[kind], subject, reference, record._read)  # noqa: SLF001 — hidden from templates, not from us


def check_body(kind: DocumentKind, body: Mapping[str, str]) -> None:
    """That it can be compiled. Raises `Invalid`."""
    environment = _environment("en")
    texts = {"subject": body.get("subject", ""), "body": "" if kind == "docx" else body["body"]}
    for name, text in texts.items():
        if len(text) > LARGEST_BODY:
            raise Invalid.at(f"/{name}", f"A template has at most {LARGEST_BODY:,} characters.")
        try:
            environment.from_string(text)
        except TemplateError as error:
            raise Invalid.at(f"/{name}", f"This is no template: {error}.") from error
    if kind == "docx":
        _unpacked(body["body"])


def _environment(language: str) -> _Environment:
    environment = _Environment(undefined=StrictUndefined, autoescape=True)
    environment.globals.clear()
    known = ("upper", "lower", "title", "capitalize", "default", "trim", "first", "last", "length", "join", "escape")
    environment.filters = {name: environment.filters[name] for name in known} | _formats(_locale(language))
    return environment


def _formats(locale: Locale) -> dict[str, Callable[..., str]]:
    """``money``, ``number`` and ``date``, as they are written in the language."""
    return {
        "money": lambda held: numbers.format_currency(held["amount"], held["currency"], locale=locale) if held else "",
        "number": lambda held: "" if held in (None, "") else numbers.format_decimal(str(held), locale=locale),
        "date": lambda held: dates.format_date(_day(held), format="long", locale=locale) if held else "",
    }


def _day(held: object) -> date:
    try:
        return datetime.fromisoformat(str(held)).date()
    except ValueError as error:
        raise Invalid.at("/body", f"'{str(held)[:50]}' is no date.") from error


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise Invalid.at("/language", f"There is no language '{language[:20]}'.") from error


def _check(tree: nodes.Node, loops: int) -> None:
    for node in tree.iter_child_nodes():
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.For) and node.recursive):
            raise Invalid.at("/body", f"A template may not use '{type(node).__name__}' (line {node.lineno}).")
        deeper = loops + isinstance(node, nodes.For)
        if deeper > DEEPEST_LOOPS:
            raise Invalid.at("/body", f"At most {DEEPEST_LOOPS} loops stand in each other (line {node.lineno}).")
        _check(node, deeper)


def _text(environment: _Environment, source: str, variables: Mapping[str, Any], place: str) -> str:
    """Raises `Invalid` for what is missing, and where it grows too long."""
    parts, size = list[str](), 0
    try:
        for part in environment.from_string(source).generate(variables):
            size += len(part)
            if size > LARGEST_OUTPUT:
                raise Invalid.at(place, f"A document has at most {LARGEST_OUTPUT:,} characters.")
            parts.append(part)
    except TemplateError as error:
        raise Invalid.at(place, f"The template cannot be filled in: {error.message}.") from error
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise Invalid.at(place, f"The template cannot be filled in: {error}.") from error
    return "".join(parts)


def _html(environment: _Environment, source: str, variables: Mapping[str, Any]) -> bytes:
    return _text(environment, source, variables, "/body").encode()


# What makes PDF and DOCX is a second's work to import, and few ever ask for it.
def _pdf(environment: _Environment, source: str, variables: Mapping[str, Any]) -> bytes:
    from records.domain.paper import printed

    return printed(_text(environment, source, variables, "/body"))


def _docx(environment: _Environment, source: str, variables: Mapping[str, Any]) -> bytes:
    from docxtpl import DocxTemplate

    document = DocxTemplate(io.BytesIO(_unpacked(source)))
    try:
        document.render(dict(variables), jinja_env=environment, autoescape=True)
    except TemplateError as error:
        raise Invalid.at("/body", f"The template cannot be filled in: {error.message}.") from error
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _unpacked(source: str) -> bytes:
    """The bytes of a DOCX that is no bomb."""
    try:
        content = base64.b64decode(source, validate=True)
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            sizes = {each.filename: each.file_size for each in packed.infolist()}
    except (binascii.Error, ValueError, zipfile.BadZipFile) as error:
        raise Invalid.at("/body", "The body of a DOCX template is the file in base64.") from error
    if "word/document.xml" not in sizes or sum(sizes.values()) > LARGEST_UNPACKED:
        raise Invalid.at("/body", "This is no DOCX file, or too large a one.")
    return content


_MAKERS: Mapping[DocumentKind, Callable[[_Environment, str, Mapping[str, Any]], bytes]] = {
    "html": _html,
    "email": _html,
    "pdf": _pdf,
    "docx": _docx,
}
