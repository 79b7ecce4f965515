"""Write a comment on the record."""

from automations.domain.action import Action, Command, Context, Effect
from automations.domain.clause import Text


class PostComment(Action):
    kind = "post_comment"
    needs_users = True

    body: Text

    def texts(self) -> dict[str, Text]:
        return {"/body": self.body}

    def effect(self, context: Context) -> Effect:
        body = {"body": context.tell(self.body, None)}
        return Command("POST", f"/v1/records/{context.record.id}/comments", body, "Posted a comment.")
