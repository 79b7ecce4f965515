"""What keys are called, and when two names are the same."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.contracts.records import ProjectChanged

ByKey = Mapping[str, str]


def normalised(name: str) -> str:
    """Names that differ in case, accents, width or spaces are one."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())


@dataclass(frozen=True)
class Names:
    """The names of lists, tags and options by project and field, and of users."""

    fields: Mapping[tuple[str, str], ByKey] = field(default_factory=dict)
    users: ByKey = field(default_factory=dict)

    def called(self, project: str, field_key: str, key: str) -> str:
        """The name of a key; of what has none the key itself."""
        return self.fields.get((project, field_key), {}).get(key) or self.users.get(key) or key

    def rank(self, project: str, field_key: str, key: str) -> int:
        """Where it stands among those of its field."""
        known = list(self.fields.get((project, field_key), ()))
        return known.index(key) if key in known else len(known)

    def same(self, project: str, field_key: str, wanted: str) -> list[str]:
        """The keys of a project's lists or tags that are meant by a key, or by a name in any spelling.

        A key of another project means what that is called there.
        """
        meant = {normalised(wanted)}
        meant |= {
            normalised(keys[wanted]) for (_, of), keys in self.fields.items() if of == field_key and wanted in keys
        }
        known = self.fields.get((project, field_key), {})
        return [key for key, name in known.items() if key == wanted or normalised(name) in meant]


def names_of(projects: Iterable[ProjectChanged], users: ByKey) -> Names:
    fields: dict[tuple[str, str], ByKey] = {}
    for project in projects:
        fields[project.key, "list"] = {each.key: each.name for each in project.lists}
        fields[project.key, "tags"] = {each.key: each.name for each in project.tags}
        for each in project.fields:
            options = each.config.get("options")
            if isinstance(options, list):
                fields[project.key, each.key] = {str(one["key"]): str(one["name"]) for one in options}
    return Names(fields, users)
