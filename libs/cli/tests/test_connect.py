"""Connecting a provider from the command line, and seeing whether it is."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

from trunkline.testing import Installed

PAGE = Path(__file__).parents[3] / "docs" / "providers" / "README.md"


def told(whole: Installed, *arguments: str) -> Any:
    said = whole.run("connect", *arguments, "--json")
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


def test_the_line_that_the_pages_begin_with_connects_a_provider(whole: Installed) -> None:
    (line,) = re.findall(r"^ *(trunkline connect .*)$", PAGE.read_text(), re.MULTILINE)
    said = whole.run(*shlex.split(line)[1:])
    assert (said.exit_code, "https://calls.example.com/hooks/aircall/" in said.output) == (0, True)
    assert "heard of  never" in said.output


def test_connecting_again_by_the_same_name_changes_the_connection(whole: Installed) -> None:
    made = told(whole, "justcall", "--name", "Sales", "--secret", "api_secret=old")
    again = told(whole, "justcall", "--name", "Sales", "--secret", "api_secret=old", "--secret", "api_secret=new")
    assert (made["id"], again["version"]) == (again["id"], made["version"] + 1)
    other = told(whole, "justcall", "--settings", '{"timezone": "Europe/Amsterdam"}', "--secret", "api_secret=x")
    assert (other["name"], other["settings"]) == ("justcall", {"timezone": "Europe/Amsterdam"})
    assert {"Sales", "justcall"} <= {each["name"] for each in told(whole)}


def test_what_cannot_be_connected_is_told_with_its_place(whole: Installed) -> None:
    said = whole.run("connect", "justcall", "--name", "Another", "--secret", "secret=x")
    assert (said.exit_code, "/secrets/api_secret" in said.output) == (9, True)
    assert whole.run("connect", "justcall", "--settings", "{").exit_code == 2
