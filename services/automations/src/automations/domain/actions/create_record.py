"""Make a record in another project, or in the same, that may refer to this one."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from automations.domain.action import Action, Command, Context, Effect, Impossible
from automations.domain.clause import Text, pointer
from shared.contracts.records import ProjectChanged, RecordSnapshot
from shared.errors import FieldError

TITLE = "title"
Copied = Literal["tags", "assignees", "due_at", "fields"]


class CreateRecord(Action):
    """``set`` is the title and values by field key, texts with blanks: ``{{record.id}}`` in a reference links back.

    ``copy`` takes over what the other project has by the same key: its ``tags``, its ``fields`` of the same type.
    """

    kind = "create_record"

    project: str
    to: str | None = Field(default=None, alias="list")
    set_: dict[str, Any] = Field(alias="set")
    copy_: tuple[Copied, ...] = Field(default=(), alias="copy")

    @field_validator("set_")
    @classmethod
    def _has_a_title(cls, given: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(given.get(TITLE), str | dict):
            raise ValueError("a record needs a title")  # noqa: TRY004 — what pydantic turns into a mistake with its place
        return given

    def problems_elsewhere(self, projects: Mapping[str, ProjectChanged]) -> list[FieldError]:
        there = projects.get(self.project)
        if there is None:
            return [FieldError("/project", f"There is no project '{self.project}'.")]
        fields = {each.key for each in there.fields} | {TITLE}
        errors = [
            FieldError(pointer("set", key), f"Project '{there.key}' has no field '{key}'.")
            for key in self.set_
            if key not in fields
        ]
        if self.to is not None and self.to not in {each.key for each in there.lists}:
            errors.append(FieldError("/list", f"Project '{there.key}' has no list '{self.to}'."))
        return errors

    def texts(self) -> dict[str, Text]:
        return {pointer("set", key): value for key, value in self.set_.items() if isinstance(value, str | dict)}

    def effect(self, context: Context) -> Effect:
        there = context.projects.get(self.project)
        if there is None:
            return Impossible(f"There is no project '{self.project}'.")
        filled = {
            key: context.fill(value) if isinstance(value, str | dict) else value for key, value in self.set_.items()
        }
        here = context.projects.get(context.record.project_key)
        body = _copied(self.copy_, context.record, here, there)
        body["title"] = filled.pop(TITLE)
        body["values"] = body.get("values", {}) | filled
        if self.to:
            body["list"] = self.to
        return Command("POST", f"/v1/projects/{there.key}/records", body, f"Created a record in '{there.name}'.")


def _copied(
    wanted: tuple[Copied, ...], record: RecordSnapshot, here: ProjectChanged | None, there: ProjectChanged
) -> dict[str, Any]:
    tags = {each.key for each in there.tags}
    types = {each.key: each.type for each in here.fields} if here else {}
    same = {each.key for each in there.fields if each.kind is not None and types.get(each.key) == each.type}
    linked = {key: ids if len(ids) > 1 else ids[0] for key, ids in record.links.items() if ids}
    everything: dict[Copied, tuple[str, Any]] = {
        "tags": ("tags", [each for each in record.tags if each in tags]),
        "assignees": ("assignees", list(record.assignees)),
        "due_at": ("due_at", record.due_at and record.due_at.isoformat()),
        "fields": ("values", {key: value for key, value in (record.values | linked).items() if key in same}),
    }
    return {name: value for each in wanted for name, value in [everything[each]] if value}
