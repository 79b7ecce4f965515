"""Templates as others write them (``apiVersion: template/v1``), in the words of ours.

There, texts are titles, options stand beside the configuration with a text in each language, roles are of all projects,
and each part may say where it comes from. What holds here anyway is taken as said; what has no place is told.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from records.domain.plan import Skipped
from records.domain.pointers import pointer

Tree = Mapping[str, Any]
VERSION = "template/v1"
_LANGUAGES = ("en", "nl")
# What holds for every workspace, and need not be set up.
_ANYWAY = {
    "": {"apiVersion", "kind", "metadata", "golden_sample", "teams"},
    "settings": {"fx", "rounding", "limits_advice"},
    "field": {"origin", "index"},
    "config": {"store", "time"},
    "import": {"format", "limit_rows", "dry_run", "report"},
    "dashboard": {"origin", "consolidation", "allowed_chart_types"},
}
_NOWHERE = {"business_calendar": "Working days and hours are told to automations when it starts."}
_NOT_HERE = "There is nothing of this kind to set up."


def as_ours(given: Tree) -> tuple[dict[str, Any], list[Skipped]]:
    """The template in our words, its parts at the places where they stood, and what was left out."""
    head, skipped = given["metadata"], list[Skipped]()
    settings = {name: part for name, part in given.get("settings", {}).items() if name in ("timezone", "base_currency")}
    for name in given.get("settings", {}):
        if name not in settings and name not in _ANYWAY["settings"]:
            skipped.append(Skipped(pointer("settings", name), _NOWHERE.get(name, _NOT_HERE)))
    projects = [_project(each, given, pointer("projects", n), skipped) for n, each in enumerate(given["projects"])]
    ours = {"key": head["key"], "version": head["version"], "name": head["title"], "settings": settings}
    ours |= {name: head[name] for name in ("variants", "default_variant")} | {"projects": projects}
    ours["automations"] = [_rule(each) for each in given.get("automations", ())]
    if "dashboard" in given:
        charts = [_without(each, {"origin"}) for each in given["dashboard"]["charts"]]
        ours["dashboard"] = _without(given["dashboard"], _ANYWAY["dashboard"]) | {"charts": charts}
    return ours, skipped


def _project(given: Tree, whole: Tree, place: str, skipped: list[Skipped]) -> dict[str, Any]:
    advice = [name for name in ("record_name", "required_lists", "suggested_weights_beyond_guide") if name in given]
    skipped += [Skipped(place + pointer(name), "It is advice, which nothing here goes by.") for name in advice]
    ours = {name: given[name] for name in ("key", "default_fields", "record_label") if name in given}
    ours |= {"name": given["title"], "lists": [_without(each, {"origin"}) for each in given["lists"]]}
    ours["fields"] = [_field(each) for each in given["fields"]]
    ours["tags"] = [_tag(each, whole) for each in given.get("tags", ())]
    ours["roles"] = [role for each in whole.get("roles", ()) for role in _role(each, given["key"])]
    ours["forms"] = [_without(each, {"origin"}) for each in given.get("forms", ())]
    ours["imports"] = [_without(each, {"origin", *_ANYWAY["import"]}) for each in given.get("imports", ())]
    return ours


def _field(given: Tree) -> dict[str, Any]:
    config = _without(given.get("config", {}), _ANYWAY["config"])
    when = {name: config.pop(name) for name in ("visible_when", "required_when") if name in config}
    if "options" in given:
        config["options"] = [_option(each) for each in given["options"]]
    if config.get("filter", config) is None:
        del config["filter"]
    return _without(given, {*_ANYWAY["field"], "options", "config"}) | when | ({"config": config} if config else {})


def _option(given: Tree) -> dict[str, Any]:
    return {"key": given["key"], "name": {language: given[language] for language in _LANGUAGES}}


def _tag(given: Tree, whole: Tree) -> dict[str, Any]:
    """Of a key alone, as another project has it."""
    named = [each for project in whole["projects"] for each in project.get("tags", ()) if "name" in each]
    found = next((each for each in named if each["key"] == given["key"]), given)
    return _without({**found, **given}, {"origin"})


def _role(given: Tree, project: str) -> Iterator[dict[str, Any]]:
    """The role in that project: of all projects, or without permissions of those that it names only."""
    named = {word: given.get(word, {}) for word in ("field_permissions", "list_permissions")}
    projects = {name.partition(".")[0] for part in named.values() for name in part}
    permissions = dict(given.get("permissions", {}))
    if permissions or project in projects:
        both = permissions.pop("import_export", None)
        permissions |= {} if both is None else {"import": both, "export": both}
        owned = permissions.get("delete_records")
        permissions |= {"delete_records": "all"} if owned is True else {}
        parts = {word: _of(project, part) for word, part in named.items()}
        scope = {"record_scope": given["record_scope"]} if "record_scope" in given else {}
        name = given["key"].replace("_", " ").capitalize()
        yield {"key": given["key"], "name": name, "permissions": permissions, **scope, **parts}


def _of(project: str, permissions: Tree) -> dict[str, Any]:
    pairs = [(name.partition("."), level) for name, level in permissions.items()]
    return {key: level for (owner, _, key), level in pairs if owner == project}


def _rule(given: Tree) -> dict[str, Any]:
    actions = [_action(each) for each in given["actions"]]
    return _without(given, {"origin"}) | {"actions": actions}


def _action(given: Tree) -> Tree:
    if given["type"] != "create_record":
        return given
    values = {"title" if name == "name" else name: value for name, value in given["set"].items()}
    return {**given, "set": values}


def _without(given: Tree, names: set[str]) -> dict[str, Any]:
    return {name: part for name, part in given.items() if name not in names}
