"""Give the record a due date, counted from now. Working days are not built: a calendar is refused, not ignored."""

from automations.domain.action import Action, Command, Context, Effect
from automations.domain.part import Duration


class SetDueDate(Action):
    kind = "set_due_date"

    offset: Duration

    def effect(self, context: Context) -> Effect:
        due_at = (context.now + self.offset).isoformat().replace("+00:00", "Z")
        return Command("PATCH", f"/v1/records/{context.record.id}", {"due_at": due_at}, f"Due at {due_at}.")
