"""Post an Asterisk's events to the calls service."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline import asterisk_forwarder

PANEL = "Beside other systems"


def command(
    *,
    hook: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The connection's hook: https://…/hooks/asterisk/<token>.")
    ],
    ami: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Asterisk's manager: 127.0.0.1:5038.")] = None,
    queue_log: Annotated[Path | None, typer.Option(help="Or its file: /var/log/asterisk/queue_log.")] = None,
    user: Annotated[str, typer.Option(help="The manager's user.")] = "trunkline",
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS with the manager.")] = False,
    spool: Annotated[Path, typer.Option(help="A folder of its own, for what is not sent yet.")] = Path(
        "/var/lib/trunkline-forwarder"
    ),
) -> None:
    """Read an Asterisk's events beside it, and post them signed, at least once, through restarts of either side.

    [bold]TRUNKLINE_FORWARDER_KEY[/] is the connection's forwarder_hmac_key,
    [bold]TRUNKLINE_AMI_SECRET[/] the manager's secret.
    """
    source = [f"--ami={ami}"] if ami else []
    source += [f"--queue-log={queue_log}"] if queue_log else []
    flags = ["--tls"] if tls else []
    raise typer.Exit(asterisk_forwarder.main([f"--hook={hook}", *source, f"--user={user}", *flags, f"--spool={spool}"]))
