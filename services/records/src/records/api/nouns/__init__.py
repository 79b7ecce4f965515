"""The nouns of a configuration: one file each, which is the whole change for another one. The API's bodies read them.

A file has a ``NOUN``; the rank says what comes first, as others are made of it.
"""

import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any, TypeVar

from pydantic import ValidationError

from records.api.wire import Body
from records.domain.pointers import pointer
from records.storage import workspaces
from records.usecases.change_schema import SortedParts, sort_parts
from records.usecases.configure import Noun
from shared.database import Transaction
from shared.errors import FieldError, Invalid

Shape = TypeVar("Shape", bound=Body)


def read_as(model: type[Shape], thing: Mapping[str, Any]) -> Shape:
    """Raises `Invalid`, naming each mistake."""
    try:
        return model.model_validate(dict(thing))
    except ValidationError as error:
        errors = [FieldError(pointer(*each["loc"]), f"{each['msg']}.") for each in error.errors()]
        raise Invalid(errors[0].detail, errors) from error


def unusual(model: type[Body], thing: Mapping[str, Any]) -> dict[str, Any]:
    """What is not as it is without being said, in the order of the model."""
    said = {name: thing[name] for name in model.model_fields if name in thing}
    usual = {name: each.get_default(call_default_factory=True) for name, each in model.model_fields.items()}
    return {name: part for name, part in said.items() if _plain(part) != _plain(usual[name])}


def sorter(what: SortedParts) -> Callable[[Transaction, str, list[str]], Awaitable[None]]:
    """Brings lists, fields or tags into the order of the keys; those that they do not name come after."""

    async def sort(transaction: Transaction, project: str, keys: list[str]) -> None:
        schema = (await workspaces.current(transaction.connection)).schema(project)
        there = [each.key for each in getattr(schema, what)]
        ordered = sorted(there, key=lambda key: keys.index(key) if key in keys else len(keys))
        await sort_parts(transaction, project, what, ordered)

    return sort


def _plain(part: Any) -> Any:
    return list(part) if isinstance(part, tuple) else part


def parts() -> list[Noun]:
    modules = (import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__))
    nouns: list[Noun] = [module.NOUN for module in modules]
    return sorted(nouns, key=lambda noun: noun.rank)
