"""A configuration, planned and applied on a running installation."""

import json
from pathlib import Path

import pytest

from trunkline.testing import Installed

SHOP = """
projects:
  - key: people
    name: People
    lists: [{key: all, name: All, category: neutral}]
    fields: [{key: email, name: E-mail, type: email}]
rules:
  - key: greet
    name: Greet
    project: people
    trigger: {type: record.created}
    actions: [{type: post_comment, body: Hello}]
dashboards:
  - key: people
    title: People
    charts: [{key: all, type: stat, title: All, source: people, measure: {fn: count}}]
"""


def test_a_configuration_is_planned_applied_and_then_changes_nothing(whole: Installed, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    planned = whole.run("plan", str(file))
    assert planned.exit_code == 2, planned.output
    assert "+ projects/people/fields/email" in planned.output
    assert "+ rules/greet" in planned.output
    assert "+ dashboards/people" in planned.output
    done = whole.run("apply", str(file), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["skipped"] == []
    again = whole.run("plan", str(file), "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["changes"] == []


def test_what_goes_goes_only_where_that_was_said(whole: Installed, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    assert whole.run("apply", str(file)).exit_code == 0
    file.write_text("rules: []\ndashboards: []\n")
    kept = whole.run("apply", str(file))
    assert "rules/greet is kept" in kept.output
    gone = whole.run("apply", str(file), "--destroy")
    assert "- rules/greet" in gone.output
    assert "- dashboards/people" in gone.output
    assert whole.run("plan", str(file), "--destroy").exit_code == 0


def test_a_mistake_is_told_with_its_place(whole: Installed, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("projects:\n  - {key: a, name: A, colour: red}\n")
    said = whole.run("apply", str(file))
    assert said.exit_code == 9
    assert "/projects/0/colour" in said.output
    assert "line 2" in said.output


@pytest.mark.parametrize("template", ["sales_crm", "sales_guide"])
def test_a_template_installs_whole(whole: Installed, template: str) -> None:
    done = whole.run("install", template, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["skipped"] == []
