"""The texts of notifications that rules name by a key. A rule may bring its own title and body instead."""

from dataclasses import dataclass

from automations.domain.clause import Text


@dataclass(frozen=True)
class Message:
    title: Text
    body: Text


MESSAGES: dict[str, Message] = {
    "new_lead": Message(
        {"en": "New: {{record.title}}", "nl": "Nieuw: {{record.title}}"},
        {"en": "{{record.title}} was assigned to you.", "nl": "{{record.title}} is aan jou toegewezen."},
    ),
    "follow_up_due": Message(
        {"en": "Follow up: {{record.title}}", "nl": "Opvolgen: {{record.title}}"},
        {
            "en": "Nothing has happened on {{record.title}} ({{list.name}}) for a while.",
            "nl": "Er is al een tijd niets gebeurd met {{record.title}} ({{list.name}}).",
        },
    ),
    "stage_changed": Message(
        {"en": "{{record.title}}: {{to_list.name}}", "nl": "{{record.title}}: {{to_list.name}}"},
        {
            "en": "{{actor.name}} moved {{record.title}} from {{from_list.name}} to {{to_list.name}}.",
            "nl": "{{actor.name}} heeft {{record.title}} van {{from_list.name}} naar {{to_list.name}} verplaatst.",
        },
    ),
    "deal_stalled": Message(
        {"en": "Stalled: {{record.title}}", "nl": "Stilgevallen: {{record.title}}"},
        {
            "en": "{{record.title}} has been in {{list.name}} longer than expected.",
            "nl": "{{record.title}} staat langer dan verwacht in {{list.name}}.",
        },
    ),
    "customer_changed": Message(
        {"en": "Changed: {{record.title}}", "nl": "Gewijzigd: {{record.title}}"},
        {"en": "{{actor.name}} changed {{record.title}}.", "nl": "{{actor.name}} heeft {{record.title}} gewijzigd."},
    ),
}
