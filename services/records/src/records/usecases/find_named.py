"""The records and users that cells name: by id, title, e-mail address or another field of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from records.domain.identifiers import is_identifier
from records.domain.importing import Plan, linked_words
from records.domain.mapping import Target
from records.domain.options import SEPARATORS
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from records.storage import matches, records, users
from shared.database import Transaction
from shared.errors import Invalid
from shared.expressions import Kind

MOST_KNOWN = 200_000


@dataclass
class Named:
    """By target and word, without regard to case: the ids it may stand for."""

    ids: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def find(self, target: Target, word: str) -> str:
        """Raises `Invalid` unless the word stands for exactly one."""
        if is_identifier(word) and target.key in (None, "id"):
            return word
        found = self.ids.get((target.name, word.casefold()), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise Invalid(f"'{word}' may be any of {len(found)}; write the id.")
        raise Invalid(f"there is no '{word}' to link to." if _links(target) else f"there is no user '{word}'.")


async def find_named(
    transaction: Transaction, workspace: Workspace, plan: Plan, rows: Sequence[Sequence[str]], known: Named
) -> None:
    """Look up the words of these rows that are not known yet."""
    if len(known.ids) > MOST_KNOWN:
        known.ids.clear()
    for column, target in plan.targets.items():
        if _links(target) or _users(target):
            words = {word.casefold(): word for row in rows for word in _words(target, row[column])}
            new = [word for folded, word in words.items() if (target.name, folded) not in known.ids]
            if new and _links(target):
                await _find_records(transaction, workspace, target, new, known)
            elif new:
                await _find_users(transaction, target, known)


def referred(workspace: Workspace, target: Target) -> tuple[Schema, str]:
    """The project that a reference's cells name records of, and the field they name them by."""
    if target.field is None:
        raise TypeError(target)
    return workspace.by_key[target.field.config["project"]], target.key or "title"


async def _find_records(
    transaction: Transaction, workspace: Workspace, target: Target, words: Sequence[str], known: Named
) -> None:
    schema, by = referred(workspace, target)
    names = [word for word in words if not (is_identifier(word) and target.key in (None, "id"))]
    held = await matches.find(transaction.connection, schema, [by], {(name,) for name in names}) if by != "id" else {}
    found = await records.among_seen(transaction.connection, workspace, held)
    known.ids |= {(target.name, name.casefold()): found[(name,)] for name in names if (name,) in found}


async def _find_users(transaction: Transaction, target: Target, known: Named) -> None:
    """There are few enough users to know them all."""
    for user in await users.active(transaction.connection):
        for word in {user.email.casefold(), user.name.casefold()}:
            ids = known.ids.setdefault((target.name, word), [])
            known.ids[target.name, word] = sorted({*ids, user.id})


def _links(target: Target) -> bool:
    return target.field is not None and target.field.behaviour.kind is Kind.LINK


def _users(target: Target) -> bool:
    return target.name == "assignees" or (target.field is not None and target.field.type == "user")


def _words(target: Target, text: str) -> list[str]:
    several = target.name == "assignees" or (target.field is not None and target.field.config.get("multiple"))
    if not several:
        return [text.strip()] if text.strip() else []
    if _links(target):
        return linked_words(text)
    return [part.strip() for part in SEPARATORS.split(text) if part.strip()]
