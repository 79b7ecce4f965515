import pytest

from shared.expressions import Field, Kind, Project, Schema
from shared.policy import Policy

DEALS = Project("deals", fields=(Field("amount", Kind.MONEY), Field("profit", None, formula="{amount} / 2")))
WORKSPACE = Schema({"deals": DEALS})
RECORD = {"list": "new", "tags": [], "assignees": []}
EVERYTHING = Policy(frozenset({"read", "write", "admin", "backdate"}))


def test_a_key_that_only_reads_changes_nothing() -> None:
    policy = Policy(frozenset({"read"}))
    assert policy.may_read_record(DEALS, RECORD)
    assert policy.visible_fields(DEALS, WORKSPACE) == {"amount", "profit"}
    assert not policy.may_create_record(DEALS, "new")
    assert not policy.may_change_record(DEALS, RECORD)
    assert not policy.may_delete_record(DEALS, RECORD)
    assert not policy.changeable_fields(DEALS, WORKSPACE)


def test_a_key_without_the_scope_read_sees_nothing() -> None:
    policy = Policy(frozenset({"write"}))
    assert not policy.may_read_record(DEALS, RECORD)
    assert not policy.visible_fields(DEALS, WORKSPACE)
    assert not policy.changeable_fields(DEALS, WORKSPACE)


def test_nobody_changes_a_computed_field() -> None:
    assert EVERYTHING.changeable_fields(DEALS, WORKSPACE) == {"amount"}


@pytest.mark.parametrize("missing", ["write", "backdate"])
def test_backdating_takes_the_right_to_write_as_well(missing: str) -> None:
    assert EVERYTHING.may_backdate()
    assert not Policy(EVERYTHING.scopes - {missing}).may_backdate()


def test_only_an_administrator_configures() -> None:
    assert EVERYTHING.may_configure()
    assert not Policy(EVERYTHING.scopes - {"admin"}).may_configure()
