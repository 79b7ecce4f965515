"""JSON pointers (RFC 6901): the places of mistakes."""

from shared.errors import FieldError, Invalid


def pointer(*parts: str | int) -> str:
    """``("values", "a/b")`` → ``/values/a~1b``."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def under(place: str, problem: Invalid) -> list[FieldError]:
    """The problem's places as seen from further out: ``/config/path`` under ``/fields/3``."""
    errors = problem.errors or (FieldError("", problem.detail),)
    return [FieldError(place + each.pointer, each.detail) for each in errors]
