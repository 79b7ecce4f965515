"""Setting up a workspace from a template: its configuration in one language, where none of its projects is yet."""

from dataclasses import dataclass

from records.domain.plan import PROJECTS, Skipped
from records.domain.schema import KeyTaken
from records.domain.template import Installation, load, plan
from records.storage import workspaces
from records.usecases.configure import Nouns
from records.usecases.configure_all import Peers, Wanted, apply_all
from shared.database import Transaction


@dataclass(frozen=True)
class Installed:
    """The ids of the new projects by their keys, and what was left out."""

    projects: dict[str, str]
    skipped: list[Skipped]


async def install_template(
    transaction: Transaction,
    nouns: Nouns,
    peers: Peers,
    key: str,
    *,
    variant: str | None,
    language: str,
    request_key: str,
) -> Installed:
    """Raises `TemplateNotFound`, `Invalid`, `KeyTaken` (a project of that key exists) and `Unavailable`.

    ``request_key`` names this installation, however often it is tried.
    """
    wanted = plan(load(key), variant, language)
    keys = await _free(transaction, wanted)
    done = await apply_all(transaction, nouns, peers, Wanted(wanted.configuration, request_key=request_key))
    skipped = [Skipped(wanted.place(each.pointer), each.reason) for each in done.skipped]
    made = (await workspaces.current(transaction.connection)).by_key
    return Installed({each: made[each].project.id for each in keys}, [*wanted.skipped, *skipped])


async def _free(transaction: Transaction, wanted: Installation) -> list[str]:
    """The keys of the projects, none of which is there yet. Raises `KeyTaken`."""
    keys = [each["key"] for each in wanted.configuration.get(PROJECTS, ())]
    workspace = await workspaces.for_change(transaction.connection)
    for each in keys:
        if each in workspace.by_key:
            raise KeyTaken(f"There is a project '{each}' already.")
    return keys
