"""How providers would tell of an invented call. A file in this folder is a provider's whole dialect: found by itself.

It defines ``DIALECT = Dialect(…)``: the provider, the secrets a connection to it is made with, the webhooks of a call,
how they are signed, and what of the call these can tell.
"""

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

import orjson

from trunkline.simulator.scenario import Agent, InventedCall

Secrets = Mapping[str, str]
JSON = {"content-type": "application/json"}


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


# Of a webhook sent to a whole address at a moment: the headers that prove it.
Sign = Callable[[Webhook, str, Secrets, datetime], Mapping[str, str]]
# An agent begins work, at a moment.
Begins = Callable[[Agent, datetime, Secrets], Webhook]


def _unsigned(_webhook: Webhook, _url: str, _secrets: Secrets, _at: datetime) -> Mapping[str, str]:
    return {}


def _the_same(webhook: Webhook) -> Webhook:
    return webhook


@dataclass(frozen=True)
class Dialect:
    """``secrets`` makes those of a connection from one random text; ``settings`` are the connection's.

    ``sign`` is asked at each attempt: some sign the moment. ``again`` is how the provider repeats a webhook.
    ``begins`` is how it tells that an agent can take calls now, where it does.
    ``greets``: subscribing takes a handshake. ``tells``: what the calls service must know in the end, by the
    names of its call, as far as this provider can tell it.
    """

    provider: str
    secrets: Callable[[str], Secrets]
    webhooks: Callable[[InventedCall, Secrets], list[Webhook]]
    tells: Callable[[InventedCall], Mapping[str, Any]]
    sign: Sign = _unsigned
    again: Callable[[Webhook], Webhook] = _the_same
    begins: Begins | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    greets: bool = False


def json_webhook(at: datetime, body: Mapping[str, Any], *, path: str = "", essential: bool = True) -> Webhook:
    return Webhook(at, orjson.dumps(body), JSON, path, essential)


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect by its provider."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {module.DIALECT.provider: module.DIALECT for module in modules}
