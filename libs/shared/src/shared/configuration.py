"""A service's part of a workspace's configuration: whoever applies a whole one asks each owner in the same words."""

import bisect

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.records import ProjectChanged


class Part(BaseModel):
    """What is to be there; the service adds its own noun, a list of objects that are known by their ``key``."""

    model_config = ConfigDict(extra="forbid")

    projects: list[ProjectChanged] = Field(
        [], description="Schemas that are about to be true: whoever installs a template has not committed them yet"
    )
    destroy: bool = Field(default=False, description="What is not named here goes")
    dry_run: bool = Field(default=False, description="Nothing is changed; the answer says what would be")


class Named(BaseModel):
    key: str
    id: str


class Skipped(BaseModel):
    """``pointer`` is the place in the body of what was left out."""

    pointer: str
    reason: str


class Applied(BaseModel):
    """What is new, was changed, was there as it is, or went; and what was left out, in the order of the body."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    created: list[Named] = Field(default_factory=list)
    changed: list[Named] = Field(default_factory=list)
    unchanged: list[Named] = Field(default_factory=list)
    destroyed: list[Named] = Field(default_factory=list)
    skipped: list[Skipped] = Field(default_factory=list)

    def skip(self, pointer: str, reason: str) -> None:
        bisect.insort(self.skipped, Skipped(pointer=pointer, reason=reason), key=_place)


def _place(skipped: Skipped) -> list[tuple[int, str]]:
    """Numbers in a pointer count as such: 10 comes after 9."""
    return [(int(part) if part.isdecimal() else 0, part) for part in skipped.pointer.split("/")]


def sentence(error: ValidationError) -> str:
    """Why something does not read."""
    return " ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}." for each in error.errors())
