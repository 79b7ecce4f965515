"""Texts with blanks, ``Contact {{customer_name}}``: filled from the record, never a program.

A sandbox is not enough: a loop or a long multiplication needs no forbidden name. So only blanks, fallbacks and a few
filters are read at all, and a blank reaches into plain mappings only, never into objects.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import ChainableUndefined, Template, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from automations.domain.clause import Text

LONGEST = 64_000
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.Filter,
    nodes.Keyword,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
_FILTERS = frozenset(
    {"default", "d", "upper", "lower", "title", "capitalize", "trim", "truncate", "first", "last", "length"}
)


class _Blanks(SandboxedEnvironment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and argument in obj:
            return obj[argument]
        return self.undefined(obj=obj, name=argument)


_environment = _Blanks(
    undefined=ChainableUndefined, autoescape=False, finalize=lambda value: "" if value is None else value
)


def mistake(text: Text) -> str | None:
    """Why the text cannot be used, as a sentence."""
    return next((found for each in _versions(text) if (found := _mistake(each))), None)


def blanks(text: Text) -> frozenset[str]:
    """What the text asks for, in any of its languages: ``{{a.b}}`` asks for ``a.b``."""
    return frozenset(path for each in _versions(text) for path in _asked(each))


def fill(text: Text, names: Mapping[str, Any], language: str) -> str:
    """The text in the language (or the first there is), its blanks filled; what is missing stays empty."""
    source = text if isinstance(text, str) else text.get(language) or next(iter(text.values()), "")
    return _compiled(source).render(names)[:LONGEST]


def _versions(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text.values())


@lru_cache(maxsize=1_000)
def _asked(source: str) -> frozenset[str]:
    return frozenset(_paths(_environment.parse(source)))


def _paths(tree: nodes.Node) -> list[str]:
    """Whole chains of names, not their beginnings."""
    found: list[str] = []
    for child in tree.iter_child_nodes():
        path = _path(child)
        found += [path] if path else _paths(child)
    return found


def _path(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return f"{before}.{node.attr}" if before else None
    return None


def _mistake(source: str) -> str | None:
    try:
        tree = _environment.parse(source)
    except TemplateError as error:
        return f"The text does not read: {error}."
    strange = next((each for each in tree.find_all(nodes.Node) if not isinstance(each, _ALLOWED)), None)
    if strange:
        return f"A text may hold blanks like {{{{record.title}}}}, not '{type(strange).__name__.lower()}'."
    unknown = next((each.name for each in tree.find_all(nodes.Filter) if each.name not in _FILTERS), None)
    return f"A text cannot use the filter '{unknown}'." if unknown else None


@lru_cache(maxsize=1_000)
def _compiled(source: str) -> Template:
    return _environment.from_string(source)
