"""The formula language: a grammar, and from its text to a typed tree.

``{amount} - {cost}``, ``IF({amount} > 10000, "large", "small")``, ``DATEDIFF({created_at}, TODAY())``. Operators from
loose to tight: OR, AND, NOT, comparison, ``+ -``, ``* / %``, minus, ``^``. A quote in a text is written twice.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from shared.errors import Invalid
from shared.expressions.arguments import require_single
from shared.expressions.fields import Chain, resolve
from shared.expressions.functions import apply
from shared.expressions.schema import INTEGER_DIGITS, SCALE, Kind, Project, Schema
from shared.expressions.tree import Constant, Expression

MAXIMUM_BYTES = 4_096
MAXIMUM_NODES = 500
MAXIMUM_DEPTH = 32

GRAMMAR: Final = r"""
?start: either
?either: both | either OR both -> binary
?both: negation | both AND negation -> binary
?negation: comparison | NOT negation -> unary
?comparison: sum | sum COMPARATOR sum -> binary
?sum: product | sum PLUS_MINUS product -> binary
?product: sign | product TIMES sign -> binary
?sign: power | PLUS_MINUS sign -> unary
?power: atom | atom POWER sign -> binary
?atom: NUMBER -> number
     | TEXT -> text
     | BOOLEAN -> boolean
     | OPERAND -> operand
     | LIST_VALUE -> bare_operand
     | NAME "(" [either ("," either)*] ")" -> function
     | "(" either ")"

OR.2: /or\b/i
AND.2: /and\b/i
NOT.2: /not\b/i
BOOLEAN.2: /(true|false)\b/i
LIST_VALUE.2: /list\.\w+/
COMPARATOR: "<=" | ">=" | "<>" | "!=" | "==" | "=" | "<" | ">"
PLUS_MINUS: "+" | "-"
TIMES: "*" | "/" | "%"
POWER: "^"
NUMBER: /\d+(\.\d+)?|\.\d+/
TEXT: /"([^"]|"")*"|'([^']|'')*'/
OPERAND: /\{[^{}]+\}/
NAME: /[A-Za-z]\w*/
%ignore /\s+/
"""
SPELLINGS = {"==": "=", "<>": "!="}


@dataclass(frozen=True, slots=True)
class Raw:
    """A node as written, untyped: a literal or operand with its text, or a function with its arguments."""

    name: str
    text: str
    position: int
    arguments: "tuple[Raw, ...]" = ()
    nodes: int = 1
    depth: int = 1


def _node(name: str, token: Token, arguments: tuple[Raw, ...]) -> Raw:
    nodes = 1 + sum(argument.nodes for argument in arguments)
    depth = 1 + max((argument.depth for argument in arguments), default=0)
    if nodes > MAXIMUM_NODES:
        raise Invalid(f"The formula has more than {MAXIMUM_NODES} parts.")
    if depth > MAXIMUM_DEPTH:
        raise Invalid(f"The formula is nested deeper than {MAXIMUM_DEPTH}.")
    return Raw(name, str(token), _position(token), arguments, nodes, depth)


def _position(token: Token) -> int:
    return (token.start_pos or 0) + 1


@v_args(inline=True)
class _Nodes(Transformer[Token, Raw]):
    """Makes a node at each reduction, so that no recursion is deeper than what the caps allow."""

    def binary(self, left: Raw, operator: Token, right: Raw) -> Raw:
        name = SPELLINGS.get(operator, operator.upper())
        if name == left.name == "+":
            return _node(name, operator, (*left.arguments, right))
        return _node(name, operator, (left, right))

    def unary(self, operator: Token, argument: Raw) -> Raw:
        name = {"-": "NEGATE"}.get(operator, operator.upper())
        return argument if name == "+" else _node(name, operator, (argument,))

    def function(self, name: Token, *arguments: Raw | None) -> Raw:
        return _node(name.upper(), name, tuple(argument for argument in arguments if argument))

    def number(self, token: Token) -> Raw:
        return Raw("number", token, _position(token))

    def text(self, token: Token) -> Raw:
        return Raw("text", token[1:-1].replace(token[0] * 2, token[0]), _position(token))

    def boolean(self, token: Token) -> Raw:
        return Raw("boolean", token.lower(), _position(token))

    def operand(self, token: Token) -> Raw:
        return Raw("operand", token[1:-1].strip(), _position(token))

    def bare_operand(self, token: Token) -> Raw:
        return Raw("operand", token, _position(token))


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Nodes(), maybe_placeholders=True)


def parse_formula(text: Any, project: str, schema: Schema, pointer: str = "/config/expression") -> Expression:
    """The typed tree of a formula on a record of the project. Raises `Invalid` at ``pointer``."""
    try:
        if not isinstance(text, str):
            raise Invalid("A formula is a text.")  # noqa: TRY301 — one place turns sentences into pointers
        return type_formula(text, schema.project(project), schema, ())
    except Invalid as problem:
        raise Invalid.at(pointer, problem.detail) from None


def type_formula(text: str, project: Project, schema: Schema, chain: Chain) -> Expression:
    """As `parse_formula`, while the computed fields of ``chain`` are being resolved."""
    tree = _typed(_parse(text), project, schema, chain)
    require_single(tree)
    return tree


@lru_cache(maxsize=1_000)
def _parse(text: str) -> Raw:
    if len(text.encode(errors="replace")) > MAXIMUM_BYTES:
        raise Invalid(f"The formula is longer than {MAXIMUM_BYTES} bytes.")
    if "\0" in text:
        raise Invalid("The formula holds a NUL character.")
    try:
        parsed: Any = _parser().parse(text)
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise Invalid(_complaint(error, text)) from None
    return parsed  # type: ignore[no-any-return]


def _complaint(error: UnexpectedInput, text: str) -> str:
    if not text.strip():
        return "The formula is empty."
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return "The formula ends too early."
    if isinstance(error, UnexpectedToken | UnexpectedCharacters):
        at = (error.pos_in_stream or 0) + 1
        return f"The formula cannot be read at character {at}: {text[at - 1 : at + 15]}"
    return "The formula cannot be read."


def _typed(raw: Raw, project: Project, schema: Schema, chain: Chain) -> Expression:
    match raw.name:
        case "number":
            return _number(raw.text)
        case "text":
            return Constant(raw.text, Kind.TEXT)
        case "boolean":
            return Constant(raw.text == "true", Kind.BOOLEAN)
        case "operand":
            return resolve(tuple(raw.text.split(".")), project, schema, chain)
    arguments = [_typed(argument, project, schema, chain) for argument in raw.arguments]
    try:
        return apply(raw.name, *arguments)
    except Invalid as problem:
        raise Invalid(f"{problem.detail.removesuffix('.')} (at character {raw.position}).") from None


def _number(text: str) -> Constant:
    whole, _, fraction = text.partition(".")
    if len(whole.lstrip("0")) > INTEGER_DIGITS or len(fraction.rstrip("0")) > SCALE:
        raise Invalid(f"{text} has more than {INTEGER_DIGITS} digits before or {SCALE} after the point.")
    return Constant(Decimal(text), Kind.NUMBER)
