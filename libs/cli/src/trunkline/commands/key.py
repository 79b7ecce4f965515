"""Print the administrator's key."""

from trunkline import console
from trunkline.launcher import folder, installation
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Running"


def command(*, data: Data = DEFAULT_DATA, json: Json = False) -> None:
    """Print the administrator's key, for [bold]Authorization: Bearer …[/].

    It is made at the first start, and kept in the data folder.
    """
    key = installation.load(folder.existing(data)).admin_key
    if json:
        console.print_json({"key": key})
    else:
        print(key)  # noqa: T201 — the result, for $(…)
