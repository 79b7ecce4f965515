"""The documents of the HTTP interface: FastAPI's, with what may go wrong everywhere said once."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `errors` names each place in what was sent, as a JSON pointer or a parameter's name.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
REFUSALS: Mapping[str, str] = {
    "401": "No valid key or token was sent",
    "403": "The key's scopes, or the caller's roles, do not reach this",
    "422": "Invalid input; `errors` names each place",
    "default": "What else may go wrong: 404 there is no such thing, 409 it cannot be done now, 413 it is too large, "
    "429 too many requests, 503 come back later",
}
_METHODS = ("get", "post", "put", "patch", "delete")
_OURS = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Let the application's document say how it refuses."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The same document, in which every operation under ``/v1`` answers mistakes with a problem."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = dict(PROBLEM)
    for name in _OURS:
        schemas.pop(name, None)
    for path, operation in _operations(document):
        known = operation["responses"]
        refusals = {status: _problem(text) for status, text in REFUSALS.items() if _suits(status, operation)}
        own = {status: _problem(each["description"]) for status, each in known.items() if status.startswith("4")}
        if path.startswith("/v1/") or "422" in known:
            operation["responses"] = known | refusals | own | {"422": _problem(REFUSALS["422"])}
    return document


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, ways in document["paths"].items():
        yield from ((path, ways[method]) for method in _METHODS if method in ways)


def _suits(status: str, operation: Mapping[str, Any]) -> bool:
    return bool(operation.get("security")) or status not in ("401", "403")


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}
