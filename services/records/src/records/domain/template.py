"""A workspace template: what of it can be set up, and what cannot, with what hangs on it.

Whatever stands in a template and is not understood here ends up among the skipped parts: nothing is left out silently,
and a part that is built later needs no change of the template.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from records.domain.dialects import as_ours
from records.domain.fields import FIELD_TYPES
from records.domain.plan import Skipped
from records.domain.pointers import pointer
from shared.errors import Invalid, NotFound

LANGUAGES = ("en", "nl")
_IN_PROJECT = ("roles", "guides", "forms", "selections", "imports")
_PROJECT = frozenset({"key", "name", "default_fields", "record_label", "lists", "fields", "tags", *_IN_PROJECT})
_LIST = frozenset({"key", "name", "category", "forecast_weight", "max_age_days", "require_on_entry", "locked"})
_WHEN = ("visible_when", "required_when")
_FIELD = frozenset({"key", "name", "type", "required", "unique", "default", "description", "folder", "config", *_WHEN})
# What a template has that is taken as it is, and what becomes of it in a configuration.
_PARTS = ("settings", "value_lists", "document_templates")
_HEAD = frozenset(
    {"key", "version", "name", "variants", "default_variant", "projects", "automations", "dashboard", *_PARTS}
)
# Parts that keep all their languages.
_EVERY_LANGUAGE = frozenset({"record_label", "bodies"})
_OPERAND = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)")
# What placeholders begin with that is no field.
_SUBJECTS = frozenset({"record", "actor", "from_list", "to_list"})

Tree = Mapping[str, Any]


class TemplateNotFound(NotFound):
    pass


@dataclass
class Installation:
    """A configuration made of a template; ``places`` are those of its parts there, by their pointers in it."""

    configuration: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, place: str, reason: str) -> None:
        self.skipped.append(Skipped(place, reason))

    def add(self, noun: str, thing: Tree, place: str) -> None:
        things = self.configuration.setdefault(noun, [])
        self.places[pointer(noun, len(things))] = place
        things.append(dict(thing))

    def place(self, told: str) -> str:
        """``/rules/3/actions/0`` of the configuration, as a place in the template."""
        head = "/".join(told.split("/")[:3])
        return self.places.get(head, head) + told.removeprefix(head)


def load(key: str) -> Tree:
    """The template of that key. Raises `TemplateNotFound`."""
    if key in available():
        text = (_folder() / f"{key}.yaml").read_text(encoding="utf-8")
        template: Tree = yaml.safe_load(text)
        return template
    raise TemplateNotFound(f"There is no template '{key}'; there is {', '.join(available())}.")


def available() -> list[str]:
    return sorted(each.name.removesuffix(".yaml") for each in _folder().iterdir() if each.name.endswith(".yaml"))


def is_template(tree: Tree) -> bool:
    return "variants" in tree or "apiVersion" in tree


def read_template(given: Tree, variant: str | None, language: str) -> Installation:
    """A template that somebody wrote, in our words or in those of others. Raises `Invalid`."""
    try:
        ours, skipped = as_ours(given, load)
        made = plan(ours, variant, language)
    except (KeyError, TypeError, AttributeError) as error:
        raise Invalid(f"This is no template: {error} is not where it is looked for.") from error
    made.skipped[:0] = skipped
    return made


def plan(template: Tree, variant: str | None, language: str) -> Installation:
    """What to set up, in one language, and what is skipped. Raises `Invalid` for an unknown variant or language."""
    if language not in LANGUAGES:
        raise Invalid.at("/language", f"'language' is one of {', '.join(LANGUAGES)}.")
    wanted = variant or template["default_variant"]
    if wanted not in template["variants"]:
        raise Invalid.at("/variant", f"'variant' is one of {', '.join(template['variants'])}.")
    tree, chosen, result = _in_language(template, language), template["variants"][wanted], Installation()
    for name in tree:
        if name not in _HEAD:
            result.skip(pointer(name), "This part is not built yet.")
    kept = [(n, each) for n, each in enumerate(tree["projects"]) if each["key"] in chosen]
    gone = _unbuildable(kept, result)
    result.configuration |= {name: tree[name] for name in _PARTS if name in tree}
    for number, each in kept:
        result.add("projects", _project(number, each, gone, result), pointer("projects", number))
    for number, rule in enumerate(tree.get("automations", ())):
        _take_rule(rule, pointer("automations", number), chosen, gone, result)
    if "dashboard" in tree:
        result.add("dashboards", tree["dashboard"], pointer("dashboard"))
    return result


def _take_rule(
    rule: Tree, place: str, chosen: Sequence[str], gone: Mapping[str, set[str]], result: Installation
) -> None:
    for project, key in _needs(rule):
        if project not in chosen:
            return result.skip(place, f"It needs the project '{project}', which is not part of this variant.")
        if key in gone[project]:
            return result.skip(place, f"It needs the field '{project}.{key}', which was skipped.")
    return result.add("rules", rule, place)


def _unbuildable(projects: Sequence[tuple[int, Tree]], result: Installation) -> dict[str, set[str]]:
    """The fields, by project, that cannot be set up: of types not built, then whatever is made of those."""
    gone: dict[str, set[str]] = {project["key"]: set() for _, project in projects}
    fields = [(n, project, m, each) for n, project in projects for m, each in enumerate(project["fields"])]
    again = True
    while again:
        again = False
        for number, project, place, each in fields:
            if each["key"] in gone[project["key"]]:
                continue
            reason = _obstacle(each, project, projects, gone)
            if reason:
                gone[project["key"]].add(each["key"])
                result.skip(pointer("projects", number, "fields", place), reason)
                again = True
    return gone


def _obstacle(
    each: Tree, project: Tree, projects: Sequence[tuple[int, Tree]], gone: Mapping[str, set[str]]
) -> str | None:
    """Why a field cannot be set up, if it cannot."""
    if each["type"] not in FIELD_TYPES:
        return f"Fields of the type '{each['type']}' are not built yet."
    by_key = {one["key"]: one for _, one in projects}
    for owner, key in _field_needs(each, project, by_key):
        if owner not in by_key:
            return f"It needs the project '{owner}', which is not part of this variant."
        if key in gone[owner]:
            return f"It needs the field '{owner}.{key}', which was skipped."
    return None


def _field_needs(each: Tree, project: Tree, by_key: Mapping[str, Tree]) -> Iterator[tuple[str, str | None]]:
    """The projects and fields that a field is made of."""
    config = each.get("config", {})
    if each["type"] == "reference":
        yield config["project"], None
    if each["type"] == "referenced_by":
        yield config["project"], config["field"]
    if each["type"] == "rollup":
        yield project["key"], config["via"]
    for path in (config.get("path", []), *(name.split(".") for name in _OPERAND.findall(config.get("expression", "")))):
        owner = project["key"]
        for step in path:
            yield owner, step
            owner = _target(by_key.get(owner), step) or owner


def _target(project: Tree | None, step: str) -> str | None:
    """Where a reference leads."""
    fields = project["fields"] if project else []
    return next((one["config"]["project"] for one in fields if one["key"] == step and one["type"] == "reference"), None)


def _project(number: int, project: Tree, gone: Mapping[str, set[str]], result: Installation) -> dict[str, Any]:
    place = pointer("projects", number)
    lists = [_part(each, _LIST, f"{place}/lists/{n}", result) for n, each in enumerate(project["lists"])]
    fields = [
        _field(each, f"{place}/fields/{n}", result)
        for n, each in enumerate(project["fields"])
        if each["key"] not in gone[project["key"]]
    ]
    return _part(project, _PROJECT, place, result) | {"lists": lists, "fields": fields}


def _field(each: Tree, place: str, result: Installation) -> dict[str, Any]:
    settings = FIELD_TYPES[each["type"]].settings
    return _part(each, _FIELD, place, result) | {
        "config": _part(each.get("config", {}), settings, f"{place}/config", result)
    }


def _part(tree: Tree, known: frozenset[str], place: str, result: Installation) -> dict[str, Any]:
    """What is understood of it; the rest is skipped."""
    for name in tree:
        if name not in known:
            result.skip(place + pointer(name), "This part is not built yet.")
    return {name: value for name, value in tree.items() if name in known}


def _needs(rule: Tree) -> Iterator[tuple[str, str | None]]:
    """The projects and fields that a rule speaks of."""
    project = rule["project"]
    yield project, None
    for key in rule["trigger"].get("fields", []):
        yield project, key
    for action in rule["actions"]:
        if "project" in action:
            yield action["project"], None
            yield from ((action["project"], key) for key in action.get("set", {}))
    yield from _mentions(rule, project)


def _mentions(tree: object, project: str) -> Iterator[tuple[str, str]]:
    """Fields named anywhere within: in conditions, recipients, relations and placeholders."""
    match tree:
        case str():
            yield from ((project, word) for word in _PLACEHOLDER.findall(tree) if word not in _SUBJECTS)
        case list():
            for each in tree:
                yield from _mentions(each, project)
        case dict():
            yield from _named(tree, project)
            for each in tree.values():
                yield from _mentions(each, project)


def _named(tree: Tree, project: str) -> Iterator[tuple[str, str]]:
    for word in ("field", "via"):
        if isinstance(tree.get(word), str):
            yield project, tree[word].split(".")[0]
    if isinstance(tree.get("relation"), str):
        owner, _, key = tree["relation"].partition(".")
        yield owner, key


def _in_language(tree: Any, language: str) -> Any:
    """The tree with each ``{en: …, nl: …}`` replaced by the one text."""
    if isinstance(tree, list):
        return [_in_language(each, language) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if set(tree) == set(LANGUAGES):
        return tree[language]
    return {name: each if name in _EVERY_LANGUAGE else _in_language(each, language) for name, each in tree.items()}


def _folder() -> Any:
    return resources.files("records.domain.templates")
