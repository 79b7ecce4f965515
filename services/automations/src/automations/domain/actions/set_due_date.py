"""Give the record a due date, counted from now: in days of the calendar, or in working time."""

from typing import Literal

from automations.domain.action import Action, Command, Context, Effect
from automations.domain.clause import Duration


class SetDueDate(Action):
    """``calendar: business`` counts working days and hours only."""

    kind = "set_due_date"

    offset: Duration
    calendar: Literal["calendar", "business"] = "calendar"

    def effect(self, context: Context) -> Effect:
        working = self.calendar == "business"
        due = context.calendar.after(context.now, self.offset) if working else context.now + self.offset
        due_at = due.isoformat().replace("+00:00", "Z")
        return Command("PATCH", f"/v1/records/{context.record.id}", {"due_at": due_at}, f"Due at {due_at}.")
