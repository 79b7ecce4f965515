"""A cluster's folder: made whole or not at all, and looked at before it is used."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.engines import places, postgres
from shared.engines.failures import EngineDamaged
from shared.engines.postgres import Cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Initialised, never started."""
    folder = places.temporary_folder("trunkline-cluster-")
    user = postgres.unprivileged_user()
    if user:
        shutil.chown(folder, user)
    binaries = postgres.copy_installation(folder / "binaries") if user else postgres.installation()
    made = Cluster(binaries, folder / "data", 0, user)
    (folder / "data.partial").mkdir()  # as a killed initdb leaves it
    postgres.initialise(made, password="a secret", sync=False)
    yield made
    shutil.rmtree(folder)


def test_a_new_cluster_is_whole(cluster: Cluster) -> None:
    assert postgres.is_initialised(cluster)
    assert not cluster.data.with_name("data.partial").exists()


def test_it_asks_for_passwords(cluster: Cluster) -> None:
    rules = (cluster.data / "pg_hba.conf").read_text().splitlines()
    methods = {rule.split()[-1] for rule in rules if rule and not rule.startswith("#")}
    assert methods == {"scram-sha-256"}


def test_the_password_is_nowhere_on_the_disk(cluster: Cluster) -> None:
    files = [path for path in cluster.data.parent.iterdir() if path.is_file()]
    assert files == []


def test_an_absent_cluster_is_none(tmp_path: Path) -> None:
    assert not postgres.is_initialised(Cluster(tmp_path, tmp_path / "nothing", 0))


@pytest.mark.parametrize("missing", ["PG_VERSION", "global", "pg_wal", "postgresql.conf"])
def test_a_cluster_in_parts_is_damaged(cluster: Cluster, missing: str) -> None:
    hidden = cluster.data / missing
    aside = hidden.rename(cluster.data.parent / "aside")
    with pytest.raises(EngineDamaged, match=missing):
        postgres.is_initialised(cluster)
    aside.rename(hidden)


def test_another_version_is_refused(cluster: Cluster) -> None:
    (cluster.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EngineDamaged, match="of version 16"):
        postgres.is_initialised(cluster)
    (cluster.data / "PG_VERSION").write_text("18\n")


def test_copied_binaries_are_for_everybody(tmp_path: Path) -> None:
    copied = postgres.copy_installation(tmp_path)
    assert (copied / "bin" / "postgres").stat().st_mode & 0o777 == 0o755
    assert (copied / "share").stat().st_mode & 0o777 == 0o755
    assert postgres.copy_installation(tmp_path) == copied
