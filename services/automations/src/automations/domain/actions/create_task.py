"""Put a task on the record: an activity of type ``task``."""

from automations.domain.action import Action, Command, Context, Effect
from automations.domain.clause import Duration, Text
from automations.domain.people import named

OF_RECORD = "record.assignee"


class CreateTask(Action):
    """``due_in`` counts from the moment the step runs. ``assignee`` is ``record.assignee``, a user's id or address."""

    kind = "create_task"
    needs_users = True

    title: Text
    due_in: Duration | None = None
    assignee: str | None = None

    def texts(self) -> dict[str, Text]:
        return {"/title": self.title}

    def effect(self, context: Context) -> Effect:
        body: dict[str, str] = {"type": "task", "body": context.tell(self.title, None)}
        if self.due_in:
            body["due_at"] = (context.now + self.due_in).isoformat().replace("+00:00", "Z")
        assignee = self._assignee(context)
        if assignee:
            body["assignee"] = assignee
        return Command("POST", f"/v1/records/{context.record.id}/activities", body, "Created a task.")

    def _assignee(self, context: Context) -> str | None:
        if self.assignee == OF_RECORD:
            return next(iter(context.record.assignees), None)
        user = named(context.users, self.assignee) if self.assignee else None
        return user.id if user else None
