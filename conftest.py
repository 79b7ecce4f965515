"""How the tests are shared out among processes."""

from typing import Any

import pytest

# Whose files share one running Trunkline: together in one process, so that it is started once.
TOGETHER = ("tests/journeys", "libs/cli/tests")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist=loadfile`, but for those."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
