"""What the rights of a person say about a change of a record. What they may not see never comes this far."""

from collections.abc import Mapping
from typing import Any

from records.domain.schema import Project
from records.domain.versions import Version
from shared.errors import Forbidden
from shared.policy import Policy


def check_version(policy: Policy, project: Project, version: Version) -> None:
    """Raises `Forbidden`."""
    before, after = version.before, version.after
    if before is None or before.project_id != after.project_id:
        _need(policy.may_create_record(project, after.list), f"make records in the list '{after.list}'")
        seen = policy.may_read_record(project, vars(after))
        _need(seen, "make a record that you would not see: assign it to yourself, or give it a tag you may see")
    elif version.kind == "deleted":
        _need(policy.may_delete_record(project, vars(before)), "delete this record")
    else:
        _need(policy.may_change_record(project, vars(before)), "change this record")
        there = f"to the list '{after.list}'" if policy.may_see_list(project, after.list) else "there"
        _need(policy.may_change_list(project, after.list), f"move records {there}")
    if before is not None and before.done_at != after.done_at:
        _need(policy.may("complete_records", project), "complete records")


def owned(given: Mapping[str, Any], policy: Policy | None, project: Project) -> Mapping[str, Any]:
    """What somebody makes who sees only their own records is theirs, unless they give it to others."""
    if policy is None or "assignees" in given or not policy.sees_only_own(project):
        return given
    return {**given, "assignees": [policy.user]}


def _need(allowed: bool, deed: str) -> None:  # noqa: FBT001 — reads as a sentence
    if not allowed:
        raise Forbidden(f"Your roles do not let you {deed}.")
