"""Telephony providers, one file (or a folder) each: how a provider signs its webhooks and what they mean.

A file or folder in this folder is the whole of a provider here: it is found by itself. It defines
``PROVIDER = Provider(…)`` from pure functions; anything they raise is caught by the caller:

- ``verify(request, secrets) -> bool``: whether the request is authentic. ``secrets`` holds, by name, the live values
  (several while a secret is being rotated). False or *any* exception is a 401. Compare with `matches`.
- ``redact(body) -> bytes``: the body as it may be stored.
- ``deduplication_key(request) -> str | None``: equal for a delivery and its repeats; None where the provider gives
  nothing to tell a repeat by. ``request`` is as stored.
- ``interpret(request) -> list[Fact]``: what the delivery says, from the body as stored. Raises `Unintelligible` with
  the reason; the delivery is then quarantined. The caller gives the facts their keys.
- ``handshake(request) -> Answer | None``: the answer to a request that only asks whether we are there.
- ``answer(request) -> Answer | None``: what this authentic request awaits; None: as the connection's settings say.
- ``needs`` are the names of the secrets a connection must have, ``secret_headers`` the headers (lower case) that carry
  them, ``measures_hold`` says that every hold is told, ``greets`` that subscribing to it takes a handshake,
  ``tells_contacts`` that some facts are about the other side's number alone, ``signs_address`` that the address posted
  to is part of its signature,
  ``version`` which state of the file this is (nobody sets it).
"""

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType

from calls.domain.fact import Fact
from calls.domain.hook import Answer, HookRequest

Secrets = Mapping[str, Sequence[str]]


def _unchanged(body: bytes) -> bytes:
    return body


def _no_key(_request: HookRequest) -> str | None:
    return None


def _no_answer(_request: HookRequest) -> Answer | None:
    return None


@dataclass(frozen=True)
class Provider:
    name: str
    verify: Callable[[HookRequest, Secrets], bool]
    interpret: Callable[[HookRequest], list[Fact]]
    redact: Callable[[bytes], bytes] = _unchanged
    deduplication_key: Callable[[HookRequest], str | None] = _no_key
    handshake: Callable[[HookRequest], Answer | None] = _no_answer
    greets: bool = False
    answer: Callable[[HookRequest], Answer | None] = _no_answer
    needs: frozenset[str] = frozenset()
    secret_headers: frozenset[str] = frozenset()
    measures_hold: bool = False
    tells_contacts: bool = False
    signs_address: bool = False
    version: str = ""


@cache
def providers() -> Mapping[str, Provider]:
    """Every provider of this folder by name."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {module.PROVIDER.name: replace(module.PROVIDER, version=_version(module)) for module in modules}


def _version(module: ModuleType) -> str:
    """Another one whenever a file of it is: what it has read, it may read differently now."""
    folder = Path(module.__path__[0]).glob("*.py") if hasattr(module, "__path__") else [Path(inspect.getfile(module))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder))).hexdigest()[:12]
