"""Selections, monitors and rules of a ``guide/v1``, each of which speaks of one kind of record."""

from collections.abc import Iterator, Mapping
from typing import Any

from records.domain.dialects.texts import LANGUAGES, in_languages, named
from records.domain.plan import Skipped
from records.domain.pointers import pointer

Tree = Mapping[str, Any]
_PROJECTS = {"company": "companies", "contact": "contacts", "sale": "sales", "project": "deliveries"}
# A status is what became of a sale, and the list of a project.
_STATUS = {"sale": "outcome", "project": "list"}
_COMPARED = {"common": "intersection", "all": "union", "only_in_1": "difference", "only_in_2": "difference"}
_EVENTS: Mapping[str, tuple[str, Tree, Tree]] = {
    "sale.sold": ("sales", {"type": "record.moved", "to": ["sold"]}, {"en": "Sold: {}", "nl": "Verkocht: {}"}),
    "sale.lost": ("sales", {"type": "record.moved", "to": ["lost"]}, {"en": "Lost: {}", "nl": "Verloren: {}"}),
    "sale.created": ("sales", {"type": "record.created"}, {"en": "A sale begins: {}", "nl": "Een verkoop begint: {}"}),
    "lead_status.changed": (
        "companies",
        {"type": "field.changed", "fields": ["lead_status"]},
        {"en": "Lead status: {}", "nl": "Leadstatus: {}"},
    ),
}
_QUESTION = {"en": "Give {{{{{0}}}}} the category {1}?", "nl": "Krijgt {{{{{0}}}}} de categorie {1}?"}


def selections(given: Tree, project: str, skipped: list[Skipped]) -> Iterator[dict[str, Any]]:
    for number, each in enumerate(given.get("selections", ())):
        if _PROJECTS.get(each["of_entity"]) != project:
            continue
        compared = each.get("compare")
        if compared is not None and compared not in _COMPARED:
            skipped.append(Skipped(pointer("selections", number), f"Selections are not compared by '{compared}' here."))
            continue
        ours = {"key": each["key"], "name": named(each["key"]), "kind": each["kind"]}
        if compared:
            of = each["of"][::-1] if compared == "only_in_2" else each["of"]
            ours |= {"of": list(of), "compare": _COMPARED[compared]}
        if "criteria" in each:
            ours["criteria"] = _criteria(each["criteria"], each["of_entity"])
        yield ours


def monitors(given: Tree, project: str, skipped: list[Skipped]) -> Iterator[dict[str, Any]]:
    """Each is a selection, of what is to be looked after."""
    for number, each in enumerate(given.get("monitors", ())):
        if _PROJECTS.get(each["entity"]) == project:
            if "default_follow_up" in each:
                place = pointer("monitors", number, "default_follow_up")
                skipped.append(Skipped(place, "Who works on a selection chooses what is done about its records."))
            yield {
                "key": each["key"],
                "name": named(each["key"]),
                "criteria": _criteria(each["criteria"], each["entity"]),
            }


def automations(given: Tree) -> Iterator[dict[str, Any]]:
    """A company that may become a customer is given the category; where that is to be confirmed, somebody is asked."""
    for number, each in enumerate(given.get("category_automation", ())):
        project, trigger, title = _EVENTS[each["event"]]
        categories = given["lists"]["company_category"]["items"]
        name = in_languages(next(one["name"] for one in categories if one["key"] == each["set_category"]))
        yield {
            "key": f"category_{number + 1}",
            "name": {language: title[language].format(name[language]) for language in LANGUAGES},
            "project": project,
            "trigger": trigger,
            "conditions": {"all": list(_conditions(each, project, categories))},
            "actions": [_asking(project, name) if each.get("confirm") else _setting(project, each["set_category"])],
        }


def _conditions(given: Tree, project: str, categories: list[Tree]) -> Iterator[Tree]:
    """Only what is none yet or may become one: nobody is made less than they are."""
    field = "company.category" if project == "sales" else "category"
    potential = [each["key"] for each in categories if each.get("category_group") == "potential_customer"]
    yield {"any": [{"field": field, "op": "is_empty"}, {"field": field, "op": "in", "value": potential}]}
    if "to" in given:
        yield {"field": "lead_status", "op": "in", "value": [given["to"]]}


def _setting(project: str, category: str) -> dict[str, Any]:
    setting = {"type": "set_values", "values": {"category": category}}
    return setting | ({"of": "company"} if project == "sales" else {})


def _asking(project: str, name: Mapping[str, str]) -> dict[str, Any]:
    who = "company_name" if project == "sales" else "title"
    titles = {language: _QUESTION[language].format(who, name[language]) for language in LANGUAGES}
    return {"type": "create_task", "title": titles, "due_in": "P1D"}


def _criteria(given: Any, entity: str) -> Any:
    """Fields are named without the kind of record that they are of."""
    if isinstance(given, list):
        return [_criteria(each, entity) for each in given]
    if not isinstance(given, Mapping):
        return given
    ours = {name: _criteria(part, entity) for name, part in given.items()}
    if isinstance(ours.get("field"), str):
        name = ours["field"].removeprefix(f"{entity}.")
        ours["field"] = _STATUS.get(entity, name) if name == "status" else name
    return ours
