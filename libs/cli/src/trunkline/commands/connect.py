"""Connect a telephony provider, and see whether it is connected."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import orjson
import typer

from trunkline import console
from trunkline.client import request
from trunkline.installed import Running, find
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Content"
PATH = "/v1/connections"


def command(
    provider: Annotated[str | None, typer.Argument(help="Such as twilio; without it, all connections.")] = None,
    *,
    name: Annotated[str | None, typer.Option(help="What to call it; the provider, if not said.")] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE, or NAME alone to be asked; a name twice while it is rotated.", metavar="SECRET"),
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="Where the provider posts to, such as https://calls.example.com.", metavar="URL")
    ] = None,
    settings: Annotated[str | None, typer.Option(help="As JSON: see docs/providers.", metavar="JSON")] = None,
    data: Data = DEFAULT_DATA,
    json: Json = False,
) -> None:
    """Connect a telephony provider, or change the connection of that name; without a provider, say how all are.

    [bold]trunkline connect aircall --secret token=…[/] prints the address to give to Aircall.
    """
    running = find(data)
    said = (
        _connected(running, provider, name or provider, secret, public_url, settings) if provider else _every(running)
    )
    if json:
        console.print_json(said)
        return
    for each in said if isinstance(said, list) else [said]:
        _show(running, each)
    if not said:
        console.out.print(f"{console.DIM} Nothing is connected yet.")


def _every(running: Running) -> list[Any]:
    return list(request(running, "calls", "GET", f"{PATH}?limit=500")["items"])


def _connected(
    running: Running, provider: str, name: str | None, secret: list[str] | None, url: str | None, settings: str | None
) -> Any:
    given = {"secrets": _secrets(secret or []), "public_url": url, "settings": _settings(settings)}
    asked = {key: value for key, value in given.items() if value}
    known = [each["id"] for each in _every(running) if (each["provider"], each["name"]) == (provider, name)]
    if not known:
        return request(running, "calls", "POST", PATH, body=asked | {"provider": provider, "name": name})
    return request(running, "calls", "PATCH", f"{PATH}/{known[0]}", body=asked)


def _secrets(told: Iterable[str]) -> Mapping[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for each in told:
        name, _, value = each.partition("=")
        found.setdefault(name, []).append(value or typer.prompt(name, hide_input=True, err=True))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _settings(told: str | None) -> Any:
    try:
        return orjson.loads(told) if told else None
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"this is no JSON: {error}", param_hint="--settings") from None


def _show(running: Running, connection: Mapping[str, Any]) -> None:
    heard, warning = connection["delivered_at"], connection["warning"]
    mark = console.BAD if warning else console.GOOD if heard else console.DIM
    lines = [
        f"{mark} {console.escaped(connection['name'])} ({connection['provider']})",
        f"  address   {connection['public_url'] or running.services['calls'] + connection['hook_path']}",
        f"  id        {connection['id']}",
        f"  heard of  {heard or 'never'}",
        *_counts(connection),
        *([f"  warning   {console.escaped(warning)}"] if warning else []),
    ]
    for line in lines:
        console.out.print(line, soft_wrap=True)


def _counts(connection: Mapping[str, Any]) -> Iterable[str]:
    """Only what there is of it."""
    warned = (connection["refused_because"] or "") in (connection["warning"] or "")
    told = {
        "refused": f"last at {connection['refused_at']}" + ("" if warned else f": {connection['refused_because']}"),
        "quarantined": "not understood: GET /v1/deliveries?state=quarantined says why",
        "unknown_fields": "new to us, and kept: GET /v1/deliveries/drift",
    }
    return [
        f"  {name.split('_')[0]:<11} {connection[name]:,} {console.escaped(said)}"
        for name, said in told.items()
        if connection[name]
    ]
