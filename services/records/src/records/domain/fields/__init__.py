"""The types a field can have: one module each, found by looking into this folder. A new file is a new type."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from records.domain.field_type import FieldType


def _types() -> dict[str, FieldType]:
    modules = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
    types: list[FieldType] = [module.TYPE for module in modules]
    return {each.name: each for each in sorted(types, key=lambda each: each.name)}


FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(_types())
