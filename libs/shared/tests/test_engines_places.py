"""Who can walk where."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.engines import places


@pytest.fixture
def folder() -> Iterator[Path]:
    made = places.temporary_folder("trunkline-places-")
    yield made
    shutil.rmtree(made)


def test_a_private_folder_lets_nobody_else_pass(folder: Path) -> None:
    assert not places.is_traversable(folder / "not" / "there" / "yet")


def test_an_open_folder_lets_anybody_pass(folder: Path) -> None:
    folder.chmod(0o711)
    assert places.is_traversable(folder)
    assert places.is_traversable(folder, "nobody")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_a_private_folder_lets_its_owner_pass(folder: Path) -> None:
    shutil.chown(folder, "nobody")
    assert places.is_traversable(folder, "nobody")
    assert not places.is_traversable(folder)
