"""Generated documents are the code's own words, never yesterday's."""

import re
from fnmatch import fnmatch
from itertools import product

import pytest
from docs import generate


def test_generated_documents_are_fresh() -> None:
    stale = [path.name for path, text in generate.documents() if path.read_text() != text]
    assert stale == [], "Run `make docs`."


@pytest.mark.parametrize("service", generate.SERVICES)
def test_a_readme_names_every_event_that_comes_in_or_goes_out(service: str) -> None:
    described = generate.application(service).state.running.service
    wanted = {event.type for event in described.publishes}
    wanted |= {subject for each in described.consumers.all() for subject in each.subjects}
    wanted |= {event.type for events in described.ingests.values() for event in events}
    text = (generate.ROOT / "services" / service / "README.md").read_text()
    named = [each for found in re.findall(r"`([\w.*·]+\.v1)`", text) for each in spelled_out(found)]
    assert not [each for each in wanted if not any(fnmatch(each, name) for name in named)]


def spelled_out(names: str) -> list[str]:
    """`a.b·c.v1` stands for `a.b.v1` and `a.c.v1`."""
    return [".".join(words) for words in product(*(part.split("·") for part in names.split(".")))]
