"""Install a template."""

from typing import Annotated, Any

import typer

from trunkline import console
from trunkline.client import request
from trunkline.installed import find
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Content"


def command(
    *,
    template: Annotated[str, typer.Argument(help="sales_crm or sales_guide.", metavar="TEMPLATE")],
    data: Data = DEFAULT_DATA,
    language: Annotated[str | None, typer.Option(help="The language of its names, such as [bold]en[/].")] = None,
    variant: Annotated[str | None, typer.Option(help="A variant the template offers.")] = None,
    json: Json = False,
) -> None:
    """Set up projects, lists, fields, rules and dashboards from a template."""
    running = find(data)
    wanted = {"language": language, "variant": variant}
    body = {name: value for name, value in wanted.items() if value is not None}
    with console.waiting(f"installing {template}"):
        made = request(running, "records", "POST", f"/v1/templates/{template}/install", body=body)
    if json:
        console.print_json(made)
    else:
        _show(template, made)


def _show(template: str, made: dict[str, Any]) -> None:
    console.out.print(f"{console.GOOD} [bold]{template}[/] is installed.")
    for key, identity in made["projects"].items():
        console.out.print(f"  {key:<20} [dim]{identity}[/]")
    for skipped in made.get("skipped", ()):
        console.out.print(f"  {console.DIM} skipped {skipped['pointer']}: {skipped['reason']}", soft_wrap=True)
