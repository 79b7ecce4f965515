"""Mark the record as done."""

from automations.domain.action import Action, Command, Context, Effect, Nothing


class Complete(Action):
    kind = "complete"

    def effect(self, context: Context) -> Effect:
        record = context.record
        if record.done_at:
            return Nothing("The record is done already.")
        done_at = context.now.isoformat().replace("+00:00", "Z")
        return Command("PATCH", f"/v1/records/{record.id}", {"done_at": done_at}, "Marked as done.")
