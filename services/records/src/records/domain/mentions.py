"""Whom a text names: ``@mira@example.com``, ``@Mira Okafor`` or ``@<a user's id>``."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from records.domain.user import User

_AT = re.compile(r"(?<![\w.+-])@(?=\S)")
MOST_MENTIONS = 50


@dataclass(frozen=True)
class Mention:
    """``start`` and ``end`` are its place in the text, the @ included."""

    user: User
    start: int
    end: int


def mentions_in(text: str, users: Iterable[User]) -> list[Mention]:
    """The users named, in the order of the text: of several names that fit, the longest. Others are just text."""
    ways = sorted(_ways(users), key=lambda way: -len(way[0]))
    found = (_mention(text, at.start(), ways) for at in _AT.finditer(text))
    return [mention for mention in found if mention][:MOST_MENTIONS]


def mentioned(mentions: Iterable[Mention]) -> list[str]:
    """The ids, each once."""
    return list(dict.fromkeys(mention.user.id for mention in mentions))


def as_html(text: str) -> str:
    """The text as it may stand in a page: nothing in it is markup."""
    return escape(text).replace("\n", "<br>")


def _ways(users: Iterable[User]) -> Iterator[tuple[str, User]]:
    for user in users:
        yield from ((way.lower(), user) for way in (user.name, user.email, user.id))


def _mention(text: str, at: int, ways: list[tuple[str, User]]) -> Mention | None:
    rest = text[at + 1 :].lower()
    for way, user in ways:
        if rest.startswith(way) and not rest[len(way) :][:1].isalnum():
            return Mention(user, at, at + 1 + len(way))
    return None
