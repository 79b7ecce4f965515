"""Pages and their cursors: what is handed out comes back as it was; everything else is refused."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.http.cursors import encode_cursor, identifier, moment, place_in, text, whole
from shared.http.paging import cut, seen_page

AT = datetime(2026, 3, 1, 9, 30, 0, 123456, UTC)
ID = "01890000-0000-7000-8000-000000000001"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


def test_a_page_is_followed_from_its_last_item() -> None:
    items = [(AT, ID), (AT, "01890000-0000-7000-8000-000000000002")]
    page, more = cut(items, 1, lambda item: item)
    assert page == items[:1]
    assert place_in(more, moment, identifier) == (AT, ID)
    assert cut(items, 2, lambda item: item) == (items, None)
    assert cut([], 1, lambda item: item) == ([], None)


def test_one_key_comes_back_by_itself() -> None:
    _, more = cut([7, 8], 1, lambda number: number)
    assert place_in(more, whole) == 7
    assert place_in(None, whole) is None


@given(st.lists(JSON, max_size=3) | JSON)
def test_a_foreign_cursor_is_read_as_a_place_or_refused(keys: Any) -> None:
    with suppress(Invalid):
        place = place_in(encode_cursor(keys), moment, identifier)
        assert place is not None
        assert place[0].tzinfo is UTC
        assert str(UUID(place[1])) == place[1]


@pytest.mark.parametrize("cursor", ["x", "é", "", "bnVsbA", "eyJhIjoxfQ", "WzFd", "WyJhIiwiYiIsImMiXQ"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        place_in(cursor, text, text)


@pytest.mark.parametrize("key", [True, -1, 2**63, 1.0, "1", None])
def test_a_number_of_a_cursor_is_whole_and_held_by_the_database(key: object) -> None:
    with pytest.raises(Invalid):
        place_in(encode_cursor([key]), whole)


async def test_a_page_of_what_is_seen_is_full_and_tells_of_nothing_else() -> None:
    async def fetch(after: int | None, most: int) -> list[int]:
        return list(range(0 if after is None else after + 1, 20))[:most]

    async def shows(read: Any) -> list[int]:
        return [each for each in read if each % 5 == 0]

    first, more = await seen_page(fetch, shows, lambda each: each, None, 3)
    assert (list(first), place_in(more, whole)) == ([0, 5, 10], 10)
    rest, more = await seen_page(fetch, shows, lambda each: each, 10, 3)
    assert (list(rest), more) == ([15], None)
