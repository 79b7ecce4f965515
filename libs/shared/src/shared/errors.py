"""Errors as facts. The domain raises them; the edges turn each kind into an HTTP status or a dead letter."""

from dataclasses import dataclass
from typing import ClassVar, Self


@dataclass(frozen=True)
class FieldError:
    """One mistake and its place: ``pointer`` is a JSON pointer (RFC 6901) into the request's body."""

    pointer: str
    detail: str


class Problem(Exception):
    """Something a caller can understand and mend. Subclasses name the kind; their subclasses name the fact.

    ``detail`` is one sentence for a tired person. ``retry_after`` is in seconds.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, errors: tuple[FieldError, ...] | list[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after: int | None = None

    @classmethod
    def at(cls, pointer: str, detail: str) -> Self:
        """The problem of one place in the body."""
        return cls(detail, [FieldError(pointer, detail)])


class Unauthorized(Problem):
    status = 401
    title = "Not authenticated"


class Forbidden(Problem):
    status = 403
    title = "Not allowed"


class NotFound(Problem):
    status = 404
    title = "Not found"


class Conflict(Problem):
    status = 409
    title = "Conflict"


class Stale(Problem):
    """The caller changed a version that is no longer the newest."""

    status = 412
    title = "Stale version"


class TooLarge(Problem):
    status = 413
    title = "Too large"


class Invalid(Problem):
    status = 422
    title = "Invalid input"


class Unavailable(Problem):
    """Come back later; nothing was changed."""

    status = 503
    title = "Temporarily unavailable"
