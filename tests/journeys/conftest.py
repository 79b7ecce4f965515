"""One platform for all journeys of a test process; it goes with the last of them."""

from collections.abc import Iterator

import pytest

from tests.journeys.platform import Platform, started


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    with started() as running:
        yield running
