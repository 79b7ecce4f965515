"""Setting up a whole workspace from a template, in one transaction.

The rules of a template belong to automations, its dashboards to analytics. They are handed over before the commit: if
one cannot take them, nothing is installed; if the commit fails after, the same installation may be tried again, and
finds them made already, for they are known by their keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from records.domain.schema import Schema
from records.domain.snapshots import project_changed
from records.domain.template import HandedOver, Skipped, load, plan
from records.gateways.owners import Owner
from records.usecases.create_project import create_projects
from shared.database import Transaction


@dataclass(frozen=True)
class Installed:
    """The ids of the new projects by their keys, and what was left out."""

    projects: dict[str, str]
    skipped: list[Skipped]


async def install_template(
    transaction: Transaction,
    owners: Mapping[str, Owner],
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
    made = await create_projects(transaction, wanted.projects)
    skipped = list(wanted.skipped)
    for part in wanted.handed_over:
        skipped += await _hand_over(owners.get(part.owner), part, made, request_key)
    return Installed({schema.project.key: schema.project.id for schema in made}, skipped)


async def _hand_over(owner: Owner | None, part: HandedOver, made: Sequence[Schema], request_key: str) -> list[Skipped]:
    if owner is None:
        return [Skipped(place, f"No {part.owner} service is configured here.") for place in part.places]
    if not part.items:
        return []
    projects = [project_changed(schema) for schema in made]
    skipped = (await owner.apply(part.noun, part.items, projects, request_key))["skipped"]
    return [Skipped(_place(each["pointer"], part), each["reason"]) for each in skipped]


def _place(told: str, part: HandedOver) -> str:
    """``/rules/3/actions/0``, counted among the rules handed over, as a place in the template."""
    number, _, rest = told.removeprefix(f"/{part.noun}").removeprefix("/").partition("/")
    known = number.isdigit() and int(number) < len(part.places)
    return part.places[int(number)] + (f"/{rest}" if rest else "") if known else told
