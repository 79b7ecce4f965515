"""Versions over HTTP: ``ETag`` out, ``If-Match`` in."""

from typing import Annotated

from fastapi import Header, Response

from shared.errors import Stale

IfMatch = Annotated[str | None, Header(description="The `ETag` that the change builds on")]


def set_etag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'


def require_match(if_match: str | None, version: int) -> None:
    """Raises `Stale` unless the caller builds on the newest version, or on any."""
    if if_match is None or if_match.strip() == "*":
        return
    offered = [each.strip().removeprefix("W/").strip('"') for each in if_match.split(",")]
    if str(version) not in offered:
        raise Stale(f"This is at version {version} by now; your change builds on {if_match}. Read it again first.")
