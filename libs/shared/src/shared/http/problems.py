"""Errors out: RFC 9457 ``application/problem+json``, naming the place."""

import http
import json
import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from opentelemetry import trace
from starlette.exceptions import HTTPException

from shared.errors import FieldError, Problem

log = logging.getLogger(__name__)


class ProblemResponse(JSONResponse):
    """Written in ASCII: a mistake may quote half characters, which UTF-8 has no bytes for."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def install(app: FastAPI) -> None:
    """Turn every error that leaves a route into a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


async def of(request: Request, error: Exception) -> JSONResponse:
    """The problem an error is, where no framework stands between."""
    return await (_on_problem if isinstance(error, Problem) else _on_bug)(request, error)


def answer(
    status: int,
    title: str,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem as a response."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = [{"pointer": each.pointer, "detail": each.detail} for each in errors]
    return ProblemResponse(body, status, headers=headers)


async def _on_problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 — by registration
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    if error.status == http.HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "Bearer"}
    return answer(error.status, error.title, error.detail, error.errors, headers)


async def _on_validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 — by registration
    errors = [FieldError(_pointer(each["loc"]), _sentence(each)) for each in error.errors()]
    return answer(422, "Invalid input", "; ".join(f"{each.pointer}: {each.detail}" for each in errors[:3]), errors)


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 — by registration
    title = http.HTTPStatus(error.status_code).phrase
    return answer(error.status_code, title, str(error.detail), headers=dict(error.headers or {}))


async def _on_bug(_request: Request, error: Exception) -> JSONResponse:
    context = trace.get_current_span().get_span_context()
    log.error("a request failed", exc_info=error)
    return answer(500, "Internal error", f"Something broke on our side. Quote trace {context.trace_id:032x}.")


def _pointer(location: Sequence[str | int]) -> str:
    """``("body", "values", "a/b")`` → ``/values/a~1b``; a parameter's place is its name."""
    parts = location[1:] if location and location[0] in ("body", "query", "path", "header") else location
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _sentence(error: dict[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    return "The body is no valid JSON." if error["type"] == "json_invalid" else f"{message}."
