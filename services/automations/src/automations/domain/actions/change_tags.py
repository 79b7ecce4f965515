"""Put tags on the record, or take them off. Records does it to the tags as they are by then."""

from typing import ClassVar

from automations.domain.action import Action, Command, Context, Effect
from automations.domain.clause import Keys, pointer
from shared.contracts.records import ProjectChanged
from shared.errors import FieldError


class _ChangeTags(Action):
    """``tags`` are keys."""

    word: ClassVar[str]
    says: ClassVar[str]

    tags: Keys

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        known = {each.key for each in project.tags} if project else set(self.tags)
        return [
            FieldError(pointer("tags", number), f"Project '{project.key if project else ''}' has no tag '{key}'.")
            for number, key in enumerate(self.tags)
            if key not in known
        ]

    def effect(self, context: Context) -> Effect:
        says = f"{self.says} {', '.join(self.tags)}."
        return Command("PATCH", f"/v1/records/{context.record.id}", {self.word: list(self.tags)}, says)


class AddTags(_ChangeTags):
    kind = "add_tags"
    word = "add_tags"
    says = "Tagged"


class RemoveTags(_ChangeTags):
    kind = "remove_tags"
    word = "remove_tags"
    says = "Took off the tags"
