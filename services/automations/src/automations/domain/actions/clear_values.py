"""Empty fields of the record; records refuses to empty a required one."""

from automations.domain.action import Action, Command, Context, Effect
from automations.domain.clause import Keys, pointer
from shared.contracts.records import ProjectChanged
from shared.errors import FieldError


class ClearValues(Action):
    kind = "clear_values"

    fields: Keys

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        known = {each.key for each in project.fields} if project else set(self.fields)
        return [
            FieldError(pointer("fields", number), f"Project '{project.key if project else ''}' has no field '{key}'.")
            for number, key in enumerate(self.fields)
            if key not in known
        ]

    def effect(self, context: Context) -> Effect:
        body = {"values": dict.fromkeys(self.fields)}
        return Command("PATCH", f"/v1/records/{context.record.id}", body, f"Cleared {', '.join(self.fields)}.")
