"""Generated documents are the code's own words, never yesterday's."""

import pytest
from docs import generate


@pytest.mark.parametrize(("path", "text"), generate.documents(), ids=lambda each: getattr(each, "name", ""))
def test_generated_documents_are_fresh(path: object, text: str) -> None:
    assert path.read_text() == text, f"{path} is stale: run `make docs`."
