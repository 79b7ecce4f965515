"""Work is shared out fairly, and never to people who are gone."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from automations.domain.people import User, in_turn, least_busy, members, named

TEAM = (
    User("u1", "Ann", "ann@example.org", ("sales",), ("north",)),
    User("u2", "Bob", "bob@example.org", ("sales",)),
    User("u3", "Off", "off@example.org", ("sales",), active=False),
)


def test_a_team_is_its_active_members() -> None:
    assert [each.id for each in members(TEAM, "sales")] == ["u1", "u2"]
    assert [each.id for each in members(TEAM, "sales", "north")] == ["u1"]
    assert members(TEAM, "nobody") == ()


def test_a_user_is_named_by_id_or_address() -> None:
    assert named(TEAM, "u2") == named(TEAM, "bob@example.org") == TEAM[1]
    assert named(TEAM, "off@example.org") is None


@settings(max_examples=100, derandomize=True)
@given(candidates=st.integers(1, 9), start=st.integers(1, 10_000), picks=st.integers(0, 60))
def test_in_turn_nobody_gets_two_more_than_another(candidates: int, start: int, picks: int) -> None:
    names = [f"u{number}" for number in range(candidates)]
    shares = Counter(dict.fromkeys(names, 0))
    shares.update(in_turn(names, start + number) for number in range(picks))
    assert max(shares.values()) - min(shares.values()) <= 1


@settings(max_examples=100, derandomize=True)
@given(loads=st.lists(st.integers(0, 20), min_size=1, max_size=6), picks=st.integers(0, 60))
def test_the_least_busy_catch_up_first(loads: list[int], picks: int) -> None:
    load = {f"u{number}": each for number, each in enumerate(loads)}
    for position in range(1, picks + 1):
        chosen = least_busy(list(load), load, position)
        assert load[chosen] == min(load.values())
        load[chosen] += 1
