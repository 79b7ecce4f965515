"""Finding the trigger and action types in their folders, and reading a configured one."""

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, TypeVar

from automations.domain.clause import Clause, Misconfigured
from shared.errors import FieldError

C = TypeVar("C", bound=Clause)


def collect(folder: Iterable[str], package: str, base: type[C]) -> dict[str, type[C]]:
    """The subclasses of ``base`` defined in the folder's modules, by their ``kind``."""
    modules = [import_module(f"{package}.{each.name}") for each in pkgutil.iter_modules(folder)]
    members = [(module, member) for module in modules for member in vars(module).values()]
    return {
        member.kind: member
        for module, member in members
        if isinstance(member, type) and issubclass(member, base) and member.__module__ == module.__name__
        if "kind" in vars(member)
    }


def read(configuration: Mapping[str, Any], types: Mapping[str, type[C]], word: str) -> C:
    """The configured clause; ``word`` says what it is. Raises `Misconfigured`."""
    kind = configuration.get("type")
    if not isinstance(kind, str):
        raise Misconfigured([FieldError("/type", f"The {word} needs a type: {_built(types)}.")])
    if kind not in types:
        raise Misconfigured([FieldError("/type", f"The {word} '{kind}' is not built. Built are {_built(types)}.")])
    return types[kind].read(configuration)


def _built(types: Mapping[str, type[C]]) -> str:
    return ", ".join(sorted(types))
