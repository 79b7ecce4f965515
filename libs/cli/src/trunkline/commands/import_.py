"""Bring a file of records in."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline import console
from trunkline.client import fetch_file, request, send_file
from trunkline.failures import PartlyDone
from trunkline.installed import find
from trunkline.jobs import followed
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Content"


def command(
    *,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.", exists=True, dir_okay=False, metavar="FILE")],
    project: Annotated[str, typer.Option("--project", "-p", help="Where the records go: a project's key.")],
    data: Data = DEFAULT_DATA,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=TARGET", help="Instead of the proposal; repeatable.")
    ] = None,
    match_on: Annotated[list[str] | None, typer.Option(help="A field by which records are alike; repeatable.")] = None,
    on_match: Annotated[str | None, typer.Option(help="add, merge_empty, replace or skip.")] = None,
    unknown_option: Annotated[str | None, typer.Option(help="create, default, blank or reject_row.")] = None,
    profile: Annotated[str | None, typer.Option(help="people, companies or products.")] = None,
    rejected: Annotated[Path | None, typer.Option(help="Where to write the rows that did not get in.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")] = False,
    json: Json = False,
) -> None:
    """Import a file into a project. Exit code 10 says that some rows did not get in."""
    running = find(data)
    held = send_file(running, "records", "/v1/imports/uploads", file)
    asked = {"upload": held["upload"], "project": project, "dry_run": dry_run, "mapping": _mapping(mapping)}
    asked |= {"match_on": match_on or None, "on_match": on_match, "unknown_option": unknown_option, "profile": profile}
    body = {name: part for name, part in asked.items() if part is not None}
    job = request(running, "records", "POST", "/v1/imports", body=body)
    done = followed(running, "records", f"/v1/imports/{job['id']}", job, "import")
    if done["rejected"] and rejected is not None:
        fetch_file(running, "records", done["rejected_rows"], rejected)
    if json:
        console.print_json(done)
    else:
        _show(done)
    if done["rejected"]:
        rows = "1 row" if done["rejected"] == 1 else f"{done['rejected']:,} rows"
        raise PartlyDone(f"{rows} did not get in; {_where(done, rejected)}.")


def _mapping(given: list[str] | None) -> dict[str, str | None] | None:
    pairs = [each.rpartition("=") for each in given or ()]
    wrong = [target for column, _, target in pairs if not column]
    if wrong:
        raise typer.BadParameter(f"write it as COLUMN=TARGET, not '{wrong[0]}'", param_hint="--map")
    return {column: target or None for column, _, target in pairs} or None


def _show(done: dict[str, Any]) -> None:
    tried = " [dim]would be[/]" if done["dry_run"] else ""
    for name in ("created", "updated", "skipped", "rejected"):
        console.out.print(f"  {done[name]:>9,}{tried} {name}")


def _where(done: dict[str, Any], file: Path | None) -> str:
    if file:
        return f"written to {file}, with the reasons"
    return f"--rejected FILE writes down which, and why (or GET {done['rejected_rows']})"
