"""A file that was uploaded: what is known of it, and a name nobody can hurt themselves with."""

import mimetypes
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.errors import NotFound

LONGEST_NAME = 200
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')


class FileNotFound(NotFound):
    def __init__(self, file_id: str) -> None:
        super().__init__(f"There is no file '{file_id}'.")


@dataclass(frozen=True)
class File:
    """``size`` in bytes; ``type`` is its media type; its bytes lie under ``sha256``."""

    id: str
    name: str
    size: int
    type: str
    sha256: str
    uploaded_by: str | None
    created_at: datetime

    @property
    def value(self) -> dict[str, Any]:
        """As a record holds it."""
        return {"id": self.id, "name": self.name, "size": self.size, "type": self.type}


def clean_name(given: str) -> str:
    """The last part of a path, without what a file system or a terminal would take amiss."""
    last = re.split(r"[/\\]", given)[-1]
    kept = " ".join(_UNSAFE.sub("", last).split()).strip(". ")
    if len(kept) > LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) < 20 else kept[:LONGEST_NAME]  # noqa: PLR2004 — an ending is short
    return kept or "file"


def media_type(name: str, start: bytes) -> str:
    """By its first bytes, then by its name. What a browser would run is never called what it is."""
    for signature, kind in _SIGNATURES.items():
        if start.startswith(signature):
            return kind
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    by_bytes = guessed in _SIGNATURES.values()
    return "application/octet-stream" if by_bytes or guessed in _RUN_BY_BROWSERS else guessed


_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
_RUN_BY_BROWSERS = frozenset(
    {"text/html", "application/xhtml+xml", "image/svg+xml", "text/javascript", "application/javascript", "text/xml"}
)
