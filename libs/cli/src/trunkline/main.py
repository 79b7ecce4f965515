"""The ``trunkline`` command. Each file in ``commands/`` is one subcommand; nothing is listed here."""

import functools
import pkgutil
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Annotated, Any

import typer

from trunkline import commands, console
from trunkline.failures import Failure

LAST = 100
EPILOG = (
    "[dim]Exit codes: 0 done · 1 unforeseen, or a check failed · 2 wrong command line · 3 not running · 4 not ready · "
    "5 port taken · 6 folder in use · 7 folder unusable · 8 a part did not start · 9 refused by a service · "
    "10 done in part · "
    "130 interrupted[/]"
)

app = typer.Typer(
    name="trunkline",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 — Typer's callback
    if asked:
        console.out.print(f"trunkline {version('trunkline')}")
        raise typer.Exit


@app.callback()
def trunkline(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Customer records, every telephone call, rules that act on both, and honest numbers: on one machine.

    [bold]trunkline up --data DIR[/] starts it all, [bold]trunkline install sales_crm --data DIR[/] sets up a sales CRM.
    """


def _register(module: ModuleType) -> None:
    """A command module has a function ``command``; it may have a ``PANEL``, its heading in the help, and a ``RANK``."""
    name = module.__name__.rpartition(".")[2].strip("_").replace("_", "-")
    app.command(name, rich_help_panel=getattr(module, "PANEL", "More"), epilog=EPILOG)(_failing_well(module.command))


def _failing_well(command: Callable[..., Any]) -> Callable[..., Any]:
    """Failures become one sentence and an exit code."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except Failure as failure:
            console.fail(str(failure))
            raise typer.Exit(failure.code) from None
        except OSError as error:
            console.fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
            raise typer.Exit(Failure.code) from None

    return run


_found = [import_module(each.name) for each in pkgutil.iter_modules(commands.__path__, "trunkline.commands.")]
for _module in sorted(_found, key=lambda module: getattr(module, "RANK", LAST)):
    _register(_module)

if __name__ == "__main__":
    app()
