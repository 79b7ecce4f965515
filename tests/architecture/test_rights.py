"""Every route says what it asks of its caller: a new one that says nothing fails here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from docs.generate import SERVICES, application
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.http.authentication import Required

# Open to whoever knows the address, and why that is so.
PUBLIC: Mapping[str, str] = {
    "GET /livez": "whether the process answers",
    "GET /readyz": "whether it can work",
    "GET /metrics": "numbers of the process, for the network it runs in",
    "GET /asyncapi": "the documents are the same for all",
    "GET /asyncapi.json": "as above",
    "GET /": "the page; its data comes with a key",
    "GET /web/{name}": "the page's own files",
    "GET /forms/{slug}": "a form is for people without a key",
    "POST /forms/{slug}": "as above",
    "GET /forms/{slug}/qr.svg": "the form's address",
    "GET /v1/forms/{slug}": "a form is for people without a key",
    "POST /v1/forms/{slug}/submissions": "as above",
    "GET /unsubscribe/{token}": "the token is signed, and was sent to the person",
    "POST /unsubscribe/{token}": "as above",
    "POST /hooks/{provider}/{token}": "the token and the provider's signature",
    "POST /hooks/{provider}/{token}/{rest:path}": "as above",
    "GET /survey/{token}": "the token, for a caller without a key",
    "POST /survey/{token}": "as above",
    "GET /v1/shared/{token}": "the token; it shows what its maker may see",
    "GET /v1/shared/{token}/data": "as above",
}
# What decides beyond scopes: the caller's own sight of the workspace, or of what is theirs.
BY_POLICY = frozenset(
    {
        "current_workspace",
        "configures",
        "overseeing",
        "workspace",
        "place_for",
        "viewer",
        "own_notices",
        "seen_rules",
        "_maker",
    }
)
# No administrator's, and nothing of a record: the scope alone decides, and why that is enough.
BY_SCOPE: Mapping[str, str] = {
    "GET /v1/users": "who works here is known to whoever works here",
    "GET /v1/users/{user}": "as above",
    "POST /v1/users": "asks for the right to invite",
    "GET /v1/rates": "what money is worth is nobody's secret",
    "POST /v1/files": "kept, and read only through a record that holds it",
    "GET /v1/preferences/{name}": "one's own",
    "PUT /v1/preferences/{name}": "one's own",
    "DELETE /v1/preferences/{name}": "one's own",
    "POST /v1/imports/uploads": "one's own file",
    "GET /v1/imports/profiles": "what comes with the product",
    "GET /v1/imports": "one's own jobs",
    "GET /v1/imports/{id}": "one's own job",
    "GET /v1/imports/{id}/rejected": "one's own job",
    "GET /v1/exports/{id}": "one's own job",
    "GET /v1/exports/{id}/file": "one's own job",
    "GET /v1/document-templates": "wordings, no values",
    "GET /v1/calls": "calls belong to all who may read; whose records they are on is an id",
    "GET /v1/calls/{call}": "as above",
    "PATCH /v1/calls/{call}": "as above",
    "POST /v1/calls/{call}/survey": "as above",
    "GET /v1/calls/{call}/recording": "asks for the right to recordings",
    "GET /v1/agents": "who works here",
    "GET /v1/agents/{agent}/availability": "who works here, and when",
    "GET /v1/numbers": "the workspace's own numbers",
    "GET /v1/queues": "how calls are shared out",
    "GET /v1/campaigns": "marketing's, of no record",
    "GET /v1/dispositions": "what agents choose from",
    "GET /v1/spend": "marketing's, of no record",
    "GET /v1/benchmarks": "targets, no values",
    "POST /v1/benchmarks": "as above",
    "GET /v1/live": "calls, counted",
    **{f"GET /v1/jobs/{service}": "one's own jobs" for service in SERVICES},
    **{f"GET /v1/jobs/{service}/{{id}}": "one's own job" for service in SERVICES},
    **{f"POST /v1/jobs/{service}/{{id}}/cancel": "one's own job" for service in SERVICES},
}
# Asking with a body, or keeping something of one's own, changes no record.
READS = frozenset(
    {
        "POST /v1/projects/{project}/records/query",
        "POST /v1/selections/preview",
        "POST /v1/exports",
        "POST /v1/charts/query",
        "POST /v1/rules/{rule_id}/dry-run",
        "PUT /v1/preferences/{name}",
        "DELETE /v1/preferences/{name}",
        # These ask for a scope or a right themselves.
        "POST /v1/users",
    }
)
# They hold the scope to write themselves, besides a right of a role.
WRITES = frozenset({"configures", "_maker"})


@dataclass(frozen=True)
class Declared:
    """What a route asks for: scopes, and by name all else that it depends on."""

    scopes: frozenset[str]
    others: frozenset[str]


@cache
def declared(service: str) -> Mapping[str, Declared]:
    """By method and path."""
    return {
        f"{method} {route.path}": _declared(route.dependant)
        for route in _routes(application(service).routes)
        for method in route.methods
    }


def _routes(found: Any) -> Iterator[APIRoute]:
    for each in found:
        included = getattr(each, "original_router", None)
        if included is not None:
            yield from _routes(included.routes)
        elif isinstance(each, APIRoute):
            yield each


def _declared(dependant: Dependant) -> Declared:
    calls = list(_calls(dependant))
    scopes = {str(each.scope) for each in calls if isinstance(each, Required)}
    return Declared(frozenset(scopes), frozenset(getattr(each, "__name__", "") for each in calls))


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


@pytest.mark.parametrize("service", SERVICES)
def test_a_route_asks_for_a_scope_or_is_public_for_a_reason(service: str) -> None:
    asks = {route for route, each in declared(service).items() if each.scopes}
    assert {route for route in declared(service) if route not in asks} == PUBLIC.keys() & declared(service).keys()


@pytest.mark.parametrize("service", SERVICES)
def test_a_route_that_is_no_administrators_goes_by_the_policy_or_says_why_not(service: str) -> None:
    routes = declared(service)
    open_ = {route for route, each in routes.items() if each.scopes and "admin" not in each.scopes}
    assert {route for route in open_ if not routes[route].others & BY_POLICY} == BY_SCOPE.keys() & routes.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_who_only_reads_changes_nothing(service: str) -> None:
    changing = {
        route for route, each in declared(service).items()
        if not route.startswith("GET ") and each.scopes == {"read"} and not each.others & WRITES
    }  # fmt: skip
    assert changing == READS & declared(service).keys()


def test_no_reason_outlives_its_route() -> None:
    known = {route for service in SERVICES for route in declared(service)}
    assert [each for each in (*PUBLIC, *BY_SCOPE, *READS) if each not in known] == []
