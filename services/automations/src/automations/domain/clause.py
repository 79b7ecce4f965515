"""A rule's trigger, condition and actions are data. This is what reads that data and says what is wrong with it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from shared.errors import FieldError

# One text, or one a language: {"nl": "…", "en": "…"}.
Text = Annotated[str, Field(max_length=64_000)] | dict[str, Annotated[str, Field(max_length=64_000)]]
Duration = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=3_660))]
Condition = dict[str, Any]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


# A single key may stand without brackets.
Keys = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]


class Misconfigured(Exception):
    """The configuration does not read; ``errors`` point into what was given."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(each.detail for each in self.errors))


class Clause(BaseModel):
    """A trigger or action of a rule, as it is configured. A word it does not know is a mistake, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: ClassVar[str]

    @classmethod
    def read(cls, configuration: Mapping[str, Any]) -> Self:
        """Raises `Misconfigured`."""
        try:
            return cls.model_validate(configuration)
        except ValidationError as error:
            raise Misconfigured(_errors(error)) from error


def _errors(error: ValidationError) -> list[FieldError]:
    return [FieldError(pointer(*each["loc"]), _sentence(each)) for each in error.errors()]


def _sentence(error: ErrorDetails) -> str:
    name, message = ".".join(str(each) for each in error["loc"]), error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return f"'{name}' is not built, or not a word here."
    if error["type"] == "literal_error":
        return f"{name}: '{error['input']}' is not built, or not a word here; it {message[6:]}."
    return f"{name}: {message[:1].lower()}{message[1:]}." if name else f"{message[:1].upper()}{message[1:]}."


def pointer(*path: int | str) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in path)


def below(place: str, errors: Iterable[FieldError]) -> list[FieldError]:
    """The same mistakes, pointed at from further out."""
    return [FieldError(place + each.pointer, each.detail) for each in errors]
