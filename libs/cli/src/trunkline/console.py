"""How commands speak: results on standard output, everything else on standard error."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.status import Status

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

GOOD, BAD, DIM = "[green]✓[/]", "[red]✗[/]", "[dim]·[/]"


def print_json(content: Any) -> None:
    """For scripts: plain, whatever the terminal is."""
    print(json.dumps(content, indent=2, ensure_ascii=False))  # noqa: T201 — the result


def fail(sentence: str) -> None:
    err.print(f"{BAD} {escaped(sentence)}", soft_wrap=True)


def escaped(text: str) -> str:
    return text.replace("[", r"\[")


@contextmanager
def waiting(text: str) -> Iterator[Status]:
    """A spinner where somebody watches, nothing where nobody does."""
    with err.status(text) as status:
        yield status
