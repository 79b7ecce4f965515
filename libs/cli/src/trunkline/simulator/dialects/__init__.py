"""How providers would tell of an invented call. A file in this folder is a provider's whole dialect: found by itself.

It defines ``DIALECT = Dialect(…)``: the provider, the secrets a connection to it is made with, and the signed webhooks
of a call.
"""

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module

from trunkline.simulator.scenario import InventedCall

Secrets = Mapping[str, str]


@dataclass(frozen=True)
class Webhook:
    """One request as the provider would send it at a moment; ``path`` is added to the hook's address.

    ``essential`` ones alone make the same call in the end: of history only those are sent.
    """

    at: datetime
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    essential: bool = True


@dataclass(frozen=True)
class Dialect:
    """``secrets`` makes those of a connection from one random text."""

    provider: str
    secrets: Callable[[str], Secrets]
    webhooks: Callable[[InventedCall, Secrets], list[Webhook]]


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect by its provider."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {module.DIALECT.provider: module.DIALECT for module in modules}
