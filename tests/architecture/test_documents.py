"""Generated documents are the code's own words, never yesterday's."""

from docs import generate


def test_generated_documents_are_fresh() -> None:
    stale = [path.name for path, text in generate.documents() if path.read_text() != text]
    assert stale == [], "Run `make docs`."
