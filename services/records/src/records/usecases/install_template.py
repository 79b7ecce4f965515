"""Setting up a whole workspace from a template, in one transaction.

The rules of a template belong to automations. They are handed over before the commit: if automations cannot take
them, nothing is installed; if the commit fails after, the same installation may be tried again, and finds the rules
made already, for they are known by their keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from records.domain.pointers import pointer
from records.domain.schema import Schema
from records.domain.snapshots import project_changed
from records.domain.template import Installation, Skipped, load, plan
from records.gateways.automations import Automations
from records.usecases.create_project import create_projects
from shared.database import Transaction


@dataclass(frozen=True)
class Installed:
    """The ids of the new projects by their keys, and what was left out."""

    projects: dict[str, str]
    skipped: list[Skipped]


async def install_template(
    transaction: Transaction,
    automations: Automations | None,
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
    skipped = wanted.skipped + await _hand_over_rules(automations, wanted, made, request_key)
    return Installed({schema.project.key: schema.project.id for schema in made}, skipped)


async def _hand_over_rules(
    automations: Automations | None, wanted: Installation, made: Sequence[Schema], request_key: str
) -> list[Skipped]:
    if automations is None:
        return [Skipped(place, "No automations service is configured here.") for place in wanted.rule_places]
    if not wanted.rules:
        return []
    projects = [project_changed(schema) for schema in made]
    skipped = await automations.apply_rules(wanted.rules, projects, request_key)
    return [Skipped(_place(each["pointer"], wanted.rule_places), each["reason"]) for each in skipped]


def _place(told: str, places: list[str]) -> str:
    """``/rules/3/actions/0``, counted among the rules handed over, as a place in the template."""
    number, _, rest = told.removeprefix("/rules").removeprefix("/").partition("/")
    known = number.isdigit() and int(number) < len(places)
    return places[int(number)] + (f"/{rest}" if rest else "") if known else pointer("automations") + told
