"""Give fields of the record values; records checks them as it checks anybody's."""

from typing import Any

from pydantic import Field

from automations.domain.action import Action, Command, Context, Effect, Nothing
from automations.domain.clause import Text, pointer
from shared.contracts.records import ProjectChanged
from shared.errors import FieldError


class SetValues(Action):
    """``values`` by field key, as in ``PATCH /v1/records/{id}``; texts may have blanks.

    With ``of``, a reference, they are those of the record that it leads to.
    """

    kind = "set_values"

    values: dict[str, Any] = Field(min_length=1)
    of: str | None = None

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        if self.of is not None:
            links = {each.key for each in project.fields if each.kind == "link"} if project else {self.of}
            return [] if self.of in links else [FieldError("/of", f"There is no reference '{self.of}'.")]
        known = {each.key for each in project.fields} if project else set(self.values)
        return [
            FieldError(pointer("values", key), f"Project '{project.key if project else ''}' has no field '{key}'.")
            for key in self.values
            if key not in known
        ]

    def texts(self) -> dict[str, Text]:
        return {pointer("values", key): value for key, value in self.values.items() if isinstance(value, str)}

    def effect(self, context: Context) -> Effect:
        values = {key: context.fill(value) if isinstance(value, str) else value for key, value in self.values.items()}
        target = self._target(context)
        if target is None:
            return Nothing(f"'{self.of}' leads to no record.")
        return Command("PATCH", f"/v1/records/{target}", {"values": values}, f"Set {', '.join(values)}.")

    def _target(self, context: Context) -> str | None:
        if self.of is None:
            return context.record.id
        return next(iter(context.record.links.get(self.of, ())), None)
