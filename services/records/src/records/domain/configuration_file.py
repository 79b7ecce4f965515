"""A configuration as it is written down: YAML, read with care, each part remembered with its line.

Only what JSON has is read: no dates, no other tags, no words but true and false for a yes or no. What is too large, too
deep, or grows without end by naming itself again and again is refused before it is built.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from records.domain.pointers import pointer
from shared.errors import FieldError, Invalid, TooLarge

LARGEST = 1024 * 1024
DEEPEST = 32
MOST_NODES = 200_000
_SCALARS: Mapping[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": str,
}
Tree = Mapping[str, Any]


class _Loader(yaml.CSafeLoader):
    """With the few implicit types of JSON."""


_Loader.yaml_implicit_resolvers = {}
for _kind, _written, _first in (
    ("null", r"(~|null|)\Z", ["~", "n", ""]),
    ("bool", r"(true|false)\Z", ["t", "f"]),
    ("int", r"-?(0|[1-9][0-9]{0,17})\Z", list("-0123456789")),
    ("float", r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]{1,2})?\Z", list("-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(_written), _first)


@dataclass
class File:
    """``lines`` are those of the parts, by their pointers; the first is 1."""

    tree: Tree
    lines: dict[str, int] = field(default_factory=dict)

    def at(self, error: FieldError) -> FieldError:
        """The mistake with the line it stands on, or of the nearest part that stands there."""
        place = error.pointer
        while place and place not in self.lines:
            place = place.rpartition("/")[0]
        line = self.lines.get(place)
        return FieldError(error.pointer, f"{error.detail} (line {line})") if line else error


def read_file(content: bytes) -> File:
    """Raises `Invalid` for what is no such file, `TooLarge` for too much of it."""
    if len(content) > LARGEST:
        raise TooLarge(f"A configuration has at most {LARGEST // 1024:,} KiB.")
    try:
        text = content.decode()
        _refuse_depth(text)
        node = yaml.compose(text, _Loader)
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8.") from error
    except yaml.YAMLError as error:
        raise Invalid(f"This is no YAML: {_said(error)}.") from error
    read = File({})
    tree = _Reading(read.lines).value(node, "") if node else {}
    if not isinstance(tree, dict):
        raise Invalid("A configuration is an object: projects, rules, dashboards …")
    read.tree = tree
    return read


def write_file(tree: Tree) -> str:
    return yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Nothing is named to be repeated: each part stands for itself."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 — asked of everything
        return True


class _Reading:
    def __init__(self, lines: dict[str, int]) -> None:
        self.lines, self.nodes = lines, 0

    def value(self, node: yaml.Node, place: str) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES or place.count("/") > DEEPEST:
            raise Invalid.at(place[:200], "The file says more than a configuration can.")
        self.lines[place] = node.start_mark.line + 1
        match node:
            case yaml.MappingNode():
                return self._object(node, place)
            case yaml.SequenceNode():
                return [self.value(each, place + pointer(number)) for number, each in enumerate(node.value)]
        return _scalar(node, place)

    def _object(self, node: yaml.MappingNode, place: str) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for name, each in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise Invalid.at(place, f"A name is a word (line {name.start_mark.line + 1}).")
            if name.value in read:
                raise Invalid.at(place, f"'{name.value}' comes twice (line {name.start_mark.line + 1}).")
            read[name.value] = self.value(each, place + pointer(name.value))
        return read


def _scalar(node: yaml.Node, place: str) -> Any:
    try:
        return _SCALARS[node.tag](node.value)
    except (KeyError, ValueError) as error:
        line = node.start_mark.line + 1
        raise Invalid.at(place, f"'{node.value}' is no {node.tag.rpartition(':')[2]} (line {line}).") from error


def _refuse_depth(text: str) -> None:
    """Before anything is built of it: building goes as deep as the file does."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Invalid("The file is nested too deep.")


def _said(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or "it cannot be read"
    return f"{said}, line {mark.line + 1}" if mark else said
