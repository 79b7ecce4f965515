"""Give the record a colour, or with null take it away."""

from automations.domain.action import Action, Command, Context, Effect, Nothing


class SetColor(Action):
    kind = "set_color"

    color: str | None

    def effect(self, context: Context) -> Effect:
        if context.record.color == self.color:
            return Nothing("The record has this color already.")
        body = {"color": self.color}
        return Command("PATCH", f"/v1/records/{context.record.id}", body, f"Color set to {self.color or 'none'}.")
