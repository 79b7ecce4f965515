"""What a configuration changes, for people to read: green comes, yellow becomes another, red goes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trunkline import console
from trunkline.client import send_text
from trunkline.console import escaped
from trunkline.installed import Running

CHANGES = ("creates", "changes", "destroys")


def ask(running: Running, what: str, file: Path, *, destroy: bool, **asked: str) -> dict[str, Any]:
    """The answer to ``plan`` or ``apply``."""
    asked |= {"destroy": "true"} if destroy else {}
    path = f"/v1/configuration/{what}"
    plan: dict[str, Any] = send_text(running, "records", path, file.read_bytes(), "application/yaml", **asked)
    return plan


def is_empty(plan: dict[str, Any]) -> bool:
    return not any(plan[word] for word in CHANGES)


def show(plan: dict[str, Any]) -> None:
    for line in _lines(plan):
        console.out.print(line, soft_wrap=True)
    counts = ", ".join(f"{len(plan[word])} {word}" for word in CHANGES)
    console.out.print(f"[bold]{counts}[/], {plan['unchanged']} unchanged, {len(plan['kept'])} kept")


def _lines(plan: dict[str, Any]) -> Iterator[str]:
    for each in plan["creates"]:
        yield f"[green]+ {escaped(each['item'])}[/]"
    for each in plan["changes"]:
        yield f"[yellow]~ {escaped(each['item'])}[/]{_touched(each)}"
        for one in each["differences"]:
            before, after = _said(one["before"]), _said(one["after"])
            yield f"    [dim]{escaped(one['pointer'])}[/] [red]{before}[/] → [green]{after}[/]"
    for each in plan["destroys"]:
        yield f"[red]- {escaped(each['item'])}[/]{_touched(each)}"
    for each in plan["kept"]:
        yield f"[dim]· {escaped(each['item'])} is kept; the file does not name it[/]{_touched(each)}"
    for each in plan["skipped"]:
        yield f"[dim]· skipped {escaped(each['pointer'])}: {escaped(each['reason'])}[/]"
    for each in plan["refused"]:
        yield f"{console.BAD} {escaped(each['item'])}: {escaped(each['reason'])}"


def _touched(each: dict[str, Any]) -> str:
    return f" [bold]({each['records']:,} records)[/]" if each["records"] else ""


def _said(value: Any) -> str:
    return escaped("nothing" if value is None else json.dumps(value, ensure_ascii=False))
