"""Importing a file into a running installation."""

import json
from pathlib import Path

from trunkline.client import request
from trunkline.installed import find
from trunkline.testing import Installed

PROJECT = {
    "key": "imported_people",
    "name": "People",
    "lists": [{"key": "all", "name": "All", "category": "neutral"}],
    "fields": [{"key": "email", "name": "E-mail", "type": "email"}],
}


def test_a_file_is_tried_and_then_imported(whole: Installed, tmp_path: Path) -> None:
    request(find(whole.data), "records", "POST", "/v1/projects", body=PROJECT)
    file, rejected = tmp_path / "people.csv", tmp_path / "rejected.csv"
    file.write_text("Naam;Mail\nSmit;a@b.nl\nJansen;nobody\n")
    asked = (str(file), "--project", "imported_people", "--json")
    tried = whole.run("import", *asked, "--dry-run")
    assert tried.exit_code == 10
    assert json.loads(tried.stdout)["dry_run"] is True
    done = whole.run("import", *asked, "--rejected", str(rejected))
    assert done.exit_code == 10
    assert [json.loads(done.stdout)[name] for name in ("created", "rejected")] == [1, 1]
    assert rejected.read_text().splitlines()[1].startswith("Jansen,nobody,Mail: ")
    again = whole.run(
        "import", *asked, "--map", "Naam=title", "--map", "Mail=", "--match-on", "title", "--on-match", "skip"
    )
    assert again.exit_code == 0, again.output
    assert [json.loads(again.stdout)[name] for name in ("created", "skipped")] == [1, 1]


def test_a_refused_import_says_why(whole: Installed, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Naam\nSmit\n")
    said = whole.run("import", str(file), "--project", "no_such_project")
    assert said.exit_code == 9
    assert "no_such_project" in said.output
    assert whole.run("import", str(tmp_path / "none.csv"), "--project", "x").exit_code == 2
