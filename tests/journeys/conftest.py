"""One platform for all journeys of a test process."""

from collections.abc import Iterator

import pytest

from tests.journeys.platform import Platform, started


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    with started() as running:
        yield running
