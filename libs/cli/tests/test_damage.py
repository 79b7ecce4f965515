"""Whatever the folder and the ports are like, one sentence and an exit code, and nothing is deleted."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.engines import postgres
from trunkline.launcher import folder, installation, port_map, state
from trunkline.launcher.orphans import clear_stale_postmaster
from trunkline.testing import Installed, are_gone


@pytest.fixture
def left(fresh: Installed) -> Installed:
    """What an installation leaves on the disk, as far as a start looks at it before it starts anything."""
    folder.prepare(fresh.data)
    installation.create(fresh.place, "0", "postgres")
    inside = fresh.data / "postgres/data"
    inside.mkdir(parents=True)
    user = postgres.unprivileged_user()
    if user:
        shutil.chown(inside, user)
    for name in ("global", "base", "pg_wal", "postgresql.conf", "pg_hba.conf"):
        (inside / name).touch()
    (inside / "PG_VERSION").write_text("18\n")
    state.save(fresh.place, _nothing_runs(inside))
    return fresh


def _nothing_runs(data: Path) -> state.State:
    return state.State(
        process_id=0,
        fingerprint="",
        ready=False,
        test_clock=False,
        port_base=8000,
        database=str(data),
        clickhouse="",
        parts=[],
    )


def says_one_sentence(output: str) -> bool:
    return "Traceback" not in output and output.count("✗") == 1


def without_installation(data: Path) -> None:
    (data / "installation.json").unlink()


def garbled_installation(data: Path) -> None:
    (data / "installation.json").write_text('{"format": 1, "id')


def garbled_state(data: Path) -> None:
    (data / "state.json").write_bytes(b"\0" * 200)


def without_version(data: Path) -> None:
    (data / "postgres/data/PG_VERSION").unlink()


def owned_by_root(data: Path) -> None:
    shutil.chown(data / "postgres/data", "root")


def truncated_version(data: Path) -> None:
    (data / "postgres/data/PG_VERSION").write_text("")


def without_database(data: Path) -> None:
    shutil.rmtree(data / "postgres/data")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (without_installation, "installation.json is missing"),
        (garbled_installation, "installation.json is damaged"),
        (garbled_state, "state.json is damaged"),
        (without_version, "PG_VERSION is missing"),
        (truncated_version, "of version unknown"),
        (without_database, "is missing"),
        pytest.param(owned_by_root, "belongs to root", marks=pytest.mark.skipif(os.geteuid() != 0, reason="for root")),
    ],
)
def test_a_damaged_folder_is_named_and_left_alone(left: Installed, damage: Callable[[Path], None], named: str) -> None:
    damage(left.data)
    before = {path for path in left.data.rglob("*") if "logs" not in path.parts}
    said = left.up()
    assert (said.exit_code, named in said.output) == (7, True), said.output
    assert says_one_sentence(said.output)
    assert before <= set(left.data.rglob("*"))


def test_a_truncated_control_file_is_reported_with_the_log(stopped: Installed) -> None:
    file = stopped.data / "postgres/data/global/pg_control"
    whole = file.read_bytes()
    os.truncate(file, 100)
    said = stopped.up()
    file.write_bytes(whole)
    assert said.exit_code == 8
    assert "postgres does not start" in said.output
    assert "pg_control" in said.output
    assert "Traceback" not in said.output


def test_an_empty_lock_file_of_the_database_is_no_obstacle(stopped: Installed) -> None:
    file = stopped.data / "postgres/data/postmaster.pid"
    file.touch()
    shutil.chown(file, file.parent.owner())
    said = stopped.up()
    assert said.exit_code == 0, said.output
    assert stopped.run("down").exit_code == 0


@pytest.mark.parametrize(
    ("content", "stays"),
    [("", False), (f"{os.getpid()}\n", False), ("4194305\n", True)],
    ids=["empty", "of a living process", "of nobody"],
)
def test_a_lock_file_that_names_a_living_stranger_goes(tmp_path: Path, content: str, stays: bool) -> None:  # noqa: FBT001
    file = tmp_path / "postmaster.pid"
    file.write_text(content)
    clear_stale_postmaster(tmp_path)
    assert file.exists() == stays


def test_ctrl_c_ends_it_cleanly(stopped: Installed, stand_ins: Path) -> None:
    command = [sys.executable, "-m", "trunkline.main", "up", "--data", str(stopped.data), "--port-base", "auto"]
    environment = {**os.environ, "PYTHONPATH": str(stand_ins)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert any("Ready." in line for line in process.stdout)
        family = stopped.processes()
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(20) == 0
    assert are_gone(family)


def test_a_file_is_no_data_folder(fresh: Installed) -> None:
    fresh.data.write_text("a file")
    said = fresh.up()
    assert (said.exit_code, "is a file" in said.output) == (7, True)
    assert says_one_sentence(said.output)
    fresh.data.unlink()


def test_a_folder_of_somebody_else_is_not_touched(fresh: Installed) -> None:
    (fresh.data / "photographs").mkdir(parents=True)
    said = fresh.up()
    assert (said.exit_code, "photographs" in said.output) == (7, True)
    assert [path.name for path in fresh.data.iterdir()] == ["photographs"]


@pytest.mark.parametrize(("part", "offset"), [("records", 1), ("postgres", 12)])
def test_a_taken_port_is_named_before_anything_starts(fresh: Installed, part: str, offset: int) -> None:
    base = port_map.automatic("127.0.0.1").base
    with socket.create_server(("127.0.0.1", base + offset)):
        said = fresh.run("up", "--detach", "--port-base", str(base))
    assert said.exit_code == 5
    assert f"Port {base + offset}, needed for {part}, is taken" in said.output
    assert not fresh.place.state.exists()


@pytest.mark.parametrize("command", ["status", "down", "key", "install"])
def test_a_command_without_an_installation_says_so(fresh: Installed, command: str) -> None:
    said = fresh.run(command, *(["sales_crm"] if command == "install" else []))
    assert said.exit_code == 3
    assert "holds no Trunkline data" in said.output


def test_doctor_names_what_is_wrong(left: Installed) -> None:
    garbled_installation(left.data)
    said = left.run("doctor")
    assert said.exit_code == 1
    assert "✗ data folder" in said.output
