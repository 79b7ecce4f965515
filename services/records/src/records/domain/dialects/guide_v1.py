"""Sales guides as others write them (``apiVersion: guide/v1``), put into the template that we ship.

There, companies, contacts, sales and projects are as given; what a file says are their value lists, stages, guides,
selections and rules. So the projects, their fields and the dashboard are ours, and all the rest is the file's. What
holds here anyway is taken as said, as long as it says the same; what has no place is told.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from records.domain.dialects import guide_v1_rules as rules
from records.domain.dialects.texts import in_languages, named
from records.domain.plan import Skipped
from records.domain.pointers import pointer

Tree = Mapping[str, Any]
VERSION = "guide/v1"
OURS = "sales_guide"
# Lists of values that are the stages of a project.
_STAGES = {"sale_stage": "sales", "project_status": "deliveries"}
_GUIDED = {"sales": "sale_types", "deliveries": "project_types"}
_CATEGORIES = {"sold": "won", "lost": "lost", "completed": "won"}
_OF_ITEM = {"key", "name", "tooltip", "color", "headings", "visible_for", "predefined"}
# A column of that name is what our items have anyway.
_OF_RANGE = ["from", "to", "currency"]
_OUTCOMES = {"sold": "won", "lost": "lost", "stalled": "stalled"}
_WORDS = {"{{sale.": "{{ record.", "{{project.": "{{ record.", "record.name": "record.title"}
# How guides work here. A file that says otherwise is told so.
_ENGINE: Tree = {
    "advance_modes": ["manual", "suggest", "auto"],
    "stage_complete_when": "all_created_required_items_done",
    "may_skip_items": True,
    "may_go_back": True,
    "on_manual_stage_change": {"mark_previous_stages": "done", "set_probability": "from_stage"},
    "on_type_change": {"detach_guide": True, "keep_activities": True, "relink_when_type_returns": True},
    "documents_done_on": "creation",
    "allow_create_another": True,
    "next_step_prompt": {
        "fires_on": "follow_up.completed",
        "picks": "next follow-up by (stage.rank, item.rank) with auto_suggest = true, in this or the next stage",
        "answers": ["create", "cancel", "always_create"],
        "user_preference": "confirm_suggested_follow_up",
        "event": "guide.suggestion.raised",
    },
    "stage_prompt": {
        "fires_on": "stage_complete",
        "answers": ["yes", "no"],
        "event": "guide.stage_advance.suggested",
    },
    "start_date_basis": {"sale": "days_after_previous_follow_up", "project": "days_after_today"},
    "limits": {"name": 239, "purpose": 254, "text": 2047, "subject": 219, "our_ref": 99},
    "minimum_stages": 2,
}
_READ = frozenset(
    {"apiVersion", "kind", "metadata", "engine", "lists", "document_templates", "sale_types", "project_types"}
    | {"category_automation", "selections", "monitors"}
)
# What describes how such a system works, and names nothing to set up.
_DESCRIBES = frozenset({"monitor_engine", "adoption", "roles", "webhooks", "template_language_order"})


def as_ours(given: Tree, shipped: Tree) -> tuple[dict[str, Any], list[Skipped]]:
    """The template in our words, and what was left out. ``shipped`` is ours, of the same subject."""
    skipped = [*_left_out(given), *_otherwise(given.get("engine", {}))]
    head = given["metadata"]
    ours = {**shipped, "key": head["key"], "version": head["version"]}
    ours["settings"] = {name: head[name] for name in ("timezone",) if name in head}
    ours["value_lists"] = [*_value_lists(given, shipped), _types(given, shipped)]
    ours["document_templates"] = [_document(each, shipped) for each in given.get("document_templates", ())]
    ours["projects"] = [_project(each, given, skipped) for each in shipped["projects"]]
    ours["automations"] = list(rules.automations(given))
    return ours, skipped


def _left_out(given: Tree) -> Iterator[Skipped]:
    for name in given:
        if name not in _READ | _DESCRIBES:
            yield Skipped(pointer(name), "There is nothing of this kind to set up.")


def _otherwise(given: Tree) -> Iterator[Skipped]:
    for name, said in given.items():
        if said != _ENGINE.get(name):
            yield Skipped(pointer("engine", name), f"Here it is {_ENGINE.get(name, 'nothing of this kind')}.")


def _value_lists(given: Tree, shipped: Tree) -> Iterator[dict[str, Any]]:
    names = {each["key"]: each["name"] for each in shipped["value_lists"]}
    for key, each in given["lists"].items():
        if key not in _STAGES:
            items = [_item(one) for one in each["items"]]
            columns = [name for name in each.get("extra", ()) if name not in _OF_ITEM]
            if any("extra" in one and "currency" in one["extra"] for one in items):
                columns = _OF_RANGE
            parts = {name: each[name] for name in ("multiple", "headings") if name in each}
            yield {"key": key, "name": names.get(key) or named(key), **parts, "extra": columns, "items": items}


def _item(given: Tree) -> dict[str, Any]:
    extra = {name: _exact(part) for name, part in given.items() if name not in {*_OF_ITEM, "origin"}}
    common = {name: given[name] for name in _OF_ITEM if name in given}
    return {**common, "name": in_languages(given.get("name") or named(given["key"])), "extra": extra}


def _exact(part: Any) -> Any:
    """Numbers as texts, which lose nothing."""
    return str(part) if isinstance(part, float) else part


def _types(given: Tree, shipped: Tree) -> dict[str, Any]:
    """The types of sale, of which each may have a guide."""
    ours = next(each for each in shipped["value_lists"] if each["key"] == "sale_type")
    items = [{"key": each["key"], "name": in_languages(each["name"])} for each in given["sale_types"]]
    return {**ours, "items": items}


def _document(given: Tree, shipped: Tree) -> dict[str, Any]:
    """A template has its text from ours of that key; one of which only the name is known says just that."""
    texts = in_languages(given["name"])
    ours = next((each for each in shipped["document_templates"] if each["key"] == given["key"]), None)
    kind = "email" if given.get("kind") == "email" else "html"
    bodies = {
        language: {"subject": text, "body": f"<h1>{text}</h1><p>{{{{ record.title }}}}</p>"}
        for language, text in texts.items()
    }
    return {"key": given["key"], "kind": kind, "bodies": bodies, **(ours or {}), "name": texts}


def _project(ours: Tree, given: Tree, skipped: list[Skipped]) -> dict[str, Any]:
    key = ours["key"]
    stages = next((given["lists"][name]["items"] for name, project in _STAGES.items() if project == key), None)
    lists = [_stage(each) for each in stages] if stages else ours["lists"]
    selections = [*rules.selections(given, key, skipped), *rules.monitors(given, key, skipped)]
    fields = [_field(each, given) for each in ours["fields"]]
    guides = list[dict[str, Any]]()
    for number, each in enumerate(given.get(_GUIDED.get(key, ""), ())):
        guides += _guide(each, pointer(_GUIDED[key], number), skipped)
    return {**ours, "lists": lists, "fields": fields, "guides": guides, "selections": selections}


def _field(ours: Tree, given: Tree) -> Tree:
    """A sale is of the first type, if nobody says of which."""
    is_type = ours.get("config", {}).get("value_list") == "sale_type"
    return {**ours, "default": given["sale_types"][0]["key"]} if is_type else ours


def _stage(given: Tree) -> dict[str, Any]:
    return {"key": given["key"], "name": in_languages(given["name"]), "category": _CATEGORIES.get(given["key"], "open")}


def _guide(given: Tree, place: str, skipped: list[Skipped]) -> Iterator[dict[str, Any]]:
    nowhere = sorted({"has_stakeholders", "quote"} & set(given))
    skipped += [
        Skipped(place + pointer(name), "A sale has contacts and an amount, and no such thing.") for name in nowhere
    ]
    if not given.get("has_guide", True):
        return
    is_sale = "outcomes" in given
    guide = {"key": given["key"], "name": in_languages(given["name"]), "kind": "sale" if is_sale else "project"}
    guide["advance_mode"] = given.get("advance_mode", "suggest")
    if "estimated_duration" in given:
        guide["estimated_duration"] = _duration(given["estimated_duration"])
    if is_sale:
        guide["applies_to"] = {"field": "type", "values": [given["key"]]}
        guide["outcomes"] = {_OUTCOMES[name]: _outcome(each) for name, each in given["outcomes"].items()}
    yield guide | {"stages": [_guide_stage(each) for each in given["stages"]]}


def _guide_stage(given: Tree) -> dict[str, Any]:
    parts = {name: given[name] for name in ("key", "rank", "probability") if name in given}
    return parts | {kind: [_step(each) for each in given.get(kind, ())] for kind in ("follow_ups", "documents")}


def _step(given: Tree) -> dict[str, Any]:
    texts = {name: in_languages(given[name]) for name in ("name", "purpose", "text", "subject") if name in given}
    return {name: _in_our_words(part) for name, part in {**given, **texts}.items()}


def _outcome(given: Tree) -> dict[str, Any]:
    return {"require": ["reopen_on" if name == "reopen_date" else name for name in given.get("require", ())]}


def _duration(given: Tree) -> str:
    return f"P{given['value']}{str(given['unit'])[0].upper()}"


def _in_our_words(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: _in_our_words(each) for name, each in part.items()}
    for theirs, ours in _WORDS.items() if isinstance(part, str) else ():
        part = part.replace(theirs, ours)
    return part
