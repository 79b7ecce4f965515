"""Providers' call histories, one file each, found by itself: how to ask for it, and what a call in it means.

A file defines ``HISTORY = History(…)``:

- ``page(api, asked, cursor) -> Batch``: the calls of a page, each as the provider writes it, and the cursor of the next
  one (JSON; None at the end). The first cursor is empty. Only calls that are over.
- ``interpret(request) -> list[Fact]``: what a call in the history says; ``request.body`` is that call. Most say it in
  the words of a webhook and leave the rest to the adapter (`as_hooks`), so that a call is the same either way.
- ``line(text) -> dict``: the same for a history that comes as lines of a file.
- ``authorize(client, connection)``: the headers that prove who asks, made of the secrets ``credentials``.
- ``recording(api, connection, recorded) -> Recording``: where the call's recording is just now. A link that needs no
  credentials of ours must lead to one of the hosts in ``media`` or the connection's ``recording_hosts``, or below one.
  ``opens`` are the secrets that takes, where they are others than ``credentials``.
- ``base`` is where the API is, unless the connection's ``api_url`` says otherwise, ``also`` where else; ``reaches`` is
  how far back it goes.
"""

import base64
import importlib
import json
import pkgutil
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx

from calls.domain.connection import Connection
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import providers
from calls.domain.reading import Reading, read_json
from calls.gateways.api import Api

Cursor = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """The calls that began in [start, end)."""

    connection: Connection
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    calls: Sequence[Mapping[str, Any]]
    next: Cursor | None = None
    total: int | None = None


async def _no_headers(_client: httpx.AsyncClient, _connection: Connection) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of a recording: its call's ``names`` at the provider, the id first; the ``link`` a webhook gave."""

    names: Sequence[str]
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """Where a recording is just now; ``ours`` says that our credentials open it."""

    link: str
    ours: bool


@dataclass(frozen=True)
class History:
    provider: str
    interpret: Callable[[HookRequest], list[Fact]]
    page: Callable[[Api, Asked, Cursor], Awaitable[Batch]] | None = None
    line: Callable[[str], Mapping[str, Any]] | None = None
    authorize: Callable[[httpx.AsyncClient, Connection], Awaitable[Mapping[str, str]]] = _no_headers
    base: str | None = None
    also: tuple[str, ...] = ()
    credentials: frozenset[str] = field(default_factory=frozenset)
    per_minute: float = 60.0
    reset_header: str | None = None
    reaches: timedelta | None = None
    recording: Callable[[Api, Connection, Recorded], Awaitable[Recording | None]] | None = None
    media: tuple[str, ...] = ()
    opens: frozenset[str] | None = None


@cache
def histories() -> Mapping[str, History]:
    """Every provider's history by the provider's name."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {module.HISTORY.provider: module.HISTORY for module in modules}


Hooks = Callable[[Reading, HookRequest], Iterable[Mapping[str, Any]]]


def as_hooks(provider: str, hooks: Hooks) -> Callable[[HookRequest], list[Fact]]:
    """Interpret a call of the history as if these bodies had come to the hook."""

    def interpret(request: HookRequest) -> list[Fact]:
        adapter = providers()[provider]
        bodies = [json.dumps(body).encode() for body in hooks(read_json(request.body), request)]
        sent = [replace(request, body=body, headers={"content-type": "application/json"}) for body in bodies]
        return [fact for each in sent for fact in adapter.interpret(each)]

    return interpret


def as_sent(provider: str) -> Callable[[HookRequest], list[Fact]]:
    """A history that is written in the words of the webhook already."""

    def interpret(request: HookRequest) -> list[Fact]:
        return providers()[provider].interpret(request)

    return interpret


def json_line(text: str) -> Mapping[str, Any]:
    """Raises `ValueError`."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("this is no JSON object")  # noqa: TRY004 — of the wrong kind in what a file says
    return found


def basic(user: str, password: str) -> Callable[[httpx.AsyncClient, Connection], Awaitable[Mapping[str, str]]]:
    """Basic authentication with two secrets of these names."""

    async def authorize(_client: httpx.AsyncClient, connection: Connection) -> Mapping[str, str]:
        pair = f"{secret(connection, user)}:{secret(connection, password)}"
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    return authorize


def secret(connection: Connection, name: str) -> str:
    """The newest live value."""
    return connection.live_secrets[name][-1]
