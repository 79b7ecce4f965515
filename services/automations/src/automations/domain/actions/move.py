"""Move the record to another list."""

from pydantic import Field

from automations.domain.action import Action, Command, Context, Effect, Nothing
from automations.domain.trigger import unknown_lists
from shared.contracts.records import ProjectChanged
from shared.errors import FieldError


class Move(Action):
    kind = "move"

    to: str = Field(alias="list")

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        return [FieldError("/list", each.detail) for each in unknown_lists((self.to,), "list", project)]

    def effect(self, context: Context) -> Effect:
        record = context.record
        if record.list == self.to:
            return Nothing(f"The record is in '{self.to}' already.")
        return Command("POST", f"/v1/records/{record.id}/move", {"list": self.to}, f"Moved to '{self.to}'.")
