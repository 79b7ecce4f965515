"""What holds of rights whatever the roles are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.expressions import Field, Kind, Project, Schema
from shared.policy import Policy, Record, Role

STORED = ("cost", "price", "phone")
COMPUTED = {"profit": ("price", "cost"), "margin": ("profit", "price"), "markup": ("price",), "double": ("margin",)}
FIELDS = (*STORED, *COMPUTED)
LISTS, TAGS = ("new", "won"), ("vip", "cold")
DEALS = Project(
    "deals",
    id="p1",
    fields=(
        *(Field(key, Kind.NUMBER) for key in STORED),
        *(Field(key, None, formula=" + ".join(f"{{{each}}}" for each in parts)) for key, parts in COMPUTED.items()),
    ),
)
WORKSPACE = Schema({"deals": DEALS})
ME = "u1"

levels = st.sampled_from(["none", "view", "edit"])
list_levels = st.sampled_from(["none", "view", "edit", "delete"])
roles = st.builds(
    Role,
    id=st.uuids().map(str),
    project=st.just("p1"),
    key=st.just("r"),
    name=st.just("R"),
    permissions=st.fixed_dictionaries(
        {}, optional={"create_records": st.booleans(), "delete_records": st.sampled_from(["all", "own", "none"])}
    ),
    record_scope=st.sampled_from(["all", "assigned_only"]),
    default_field_permission=levels,
    field_permissions=st.dictionaries(st.sampled_from([*FIELDS, "*"]), levels, max_size=4),
    default_list_permission=list_levels,
    list_permissions=st.dictionaries(st.sampled_from([*LISTS, "*"]), list_levels, max_size=2),
    allowed_tags=st.lists(st.sampled_from(TAGS), unique=True, max_size=1),
    denied_tags=st.lists(st.sampled_from(TAGS), unique=True, max_size=1),
    users=st.just([ME]),
    teams=st.just([]),
    version=st.just(1),
)
records = st.fixed_dictionaries(
    {
        "list": st.sampled_from(LISTS),
        "tags": st.lists(st.sampled_from(TAGS), unique=True),
        "assignees": st.sampled_from([[], [ME], ["u2"]]),
    }
)


def policy(*mine: Role) -> Policy:
    return Policy(frozenset({"read", "write"}), ME, mine, frozenset({"p1"}))


def rights(of: Policy, record: Record) -> set[str]:
    """Everything that may be done and seen, by name."""
    deeds = {
        "read": of.may_read_record(DEALS, record),
        "create": of.may_create_record(DEALS, record["list"]),
        "change": of.may_change_record(DEALS, record),
        "delete": of.may_delete_record(DEALS, record),
        "move here": of.may_change_list(DEALS, record["list"]),
        "see all": not of.sees_only_own(DEALS),
    }
    seen = {f"see {key}" for key in of.visible_fields(DEALS, WORKSPACE)}
    changed = {f"change {key}" for key in of.changeable_fields(DEALS, WORKSPACE)}
    return {deed for deed, may in deeds.items() if may} | seen | changed


@settings(max_examples=60, deadline=None)
@given(st.lists(roles, max_size=2), roles, records)
def test_another_role_never_takes_a_right_away(mine: list[Role], more: Role, record: Record) -> None:
    assert rights(policy(*mine), record) - {"see all"} <= rights(policy(*mine, more), record)
    if mine:
        assert rights(policy(*mine), record) <= rights(policy(*mine, more), record)


@settings(max_examples=60, deadline=None)
@given(st.lists(roles, min_size=1, max_size=2))
def test_a_computed_field_is_seen_if_and_only_if_all_it_is_made_of_is(mine: list[Role]) -> None:
    of = policy(*mine)
    seen = of.visible_fields(DEALS, WORKSPACE)
    for key, parts in COMPUTED.items():
        assert (key in seen) == (of.may_see_field(DEALS, key) and all(each in seen for each in parts)), key


@settings(max_examples=60, deadline=None)
@given(st.lists(roles, min_size=1, max_size=2), records)
def test_nothing_is_changed_or_deleted_that_is_not_seen(mine: list[Role], record: Record) -> None:
    of = policy(*mine)
    if of.may_delete_record(DEALS, record):
        assert of.may_change_record(DEALS, record)
    if of.may_change_record(DEALS, record):
        assert of.may_read_record(DEALS, record)
    assert of.changeable_fields(DEALS, WORKSPACE) <= of.visible_fields(DEALS, WORKSPACE)
