"""Pages for people without an account: they load and run nothing, keep nothing, and tell nobody where one came from."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import HTMLResponse

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}
POLICY = {
    "default-src": "'none'",
    "style-src": "'unsafe-inline'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A page that says what is wrong; of what no page sends, a problem",
        "content": {"text/html": {}, "application/problem+json": {}},
    }
}


def page(content: str, status: int = 200, policy: Mapping[str, str] | None = None) -> HTMLResponse:
    """``policy`` holds the directives of its Content-Security-Policy that are other than usual."""
    told = "; ".join(f"{name} {value}" for name, value in {**POLICY, **(policy or {})}.items())
    return HTMLResponse(content, status, {**HEADERS, "content-security-policy": told})
