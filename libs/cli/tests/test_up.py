"""A running installation: real engines, what they are told, and what happens when parts die."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from shared.engines.nats import is_durable
from shared.http.keys import key_id
from trunkline.launcher import database, installation, plan, port_map
from trunkline.testing import Installed, are_gone


def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def is_ready_again(one: Installed, part: str, before: int) -> bool:
    found = one.part(part)
    return found.state == "ready" and found.process_id != before


def test_status_prints_what_scripts_rely_on(running: Installed) -> None:
    said = running.run("status", "--json")
    found = json.loads(said.stdout)
    assert said.exit_code == 0
    assert found["ready"] is True
    assert list(found["services"]) == ["records", "automations", "calls", "analytics"]
    assert set(found["engines"]) == {"nats", "postgres", "clickhouse"}
    assert found["key"] == running.run("key").stdout.strip()


def test_the_key_has_the_form_of_keys(running: Installed) -> None:
    said = json.loads(running.run("key", "--json").stdout)
    assert len(key_id(said["key"])) == 8


def test_ports_stand_where_the_contract_says(running: Installed) -> None:
    base = running.state.port_base
    found = [int(part.address.rpartition(":")[2]) - base for part in running.state.parts]
    assert found == [10, 12, 1, 2, 3, 4]


def test_status_shows_a_person_every_part(running: Installed) -> None:
    said = running.run("status").stdout
    assert all(name in said for name in ("nats", "postgres", "records", "automations", "calls", "analytics"))


def test_the_engines_sync_before_they_acknowledge(running: Installed) -> None:
    known, ports = installation.load(running.place), port_map.PortMap(running.state.port_base)
    assert is_durable(plan.bus(running.place, known, ports))
    assert database.loose_settings(known, ports["postgres"]) == []


async def test_a_service_cannot_reach_anothers_database(running: Installed) -> None:
    known, port = installation.load(running.place), port_map.PortMap(running.state.port_base)["postgres"]
    login = database.service_login(known, port, "calls")
    own = await asyncpg.connect(login.url)
    await own.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(login.url.removesuffix("calls") + "records")


async def test_nobody_reaches_the_database_without_a_password(running: Installed) -> None:
    port = port_map.PortMap(running.state.port_base)["postgres"]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{port}/records")


def test_secrets_are_for_their_owner_only(running: Installed) -> None:
    for file in (running.place.installation, running.place.nats / "nats-server.conf"):
        assert file.stat().st_mode & 0o077 == 0


def test_the_same_folder_cannot_be_started_twice(running: Installed) -> None:
    said = running.up()
    assert said.exit_code == 6
    assert "in use by another trunkline up" in said.output
    assert running.run("status").exit_code == 0


@pytest.mark.parametrize("part", ["records", "nats", "postgres"])
def test_a_killed_part_starts_again(running: Installed, part: str) -> None:
    victim = running.process(part)
    restarts = running.part(part).restarts
    victim.kill()
    assert eventually(lambda: is_ready_again(running, part, victim.pid))
    assert running.part(part).restarts == restarts + 1
    assert running.run("status").exit_code == 0


def test_doctor_finds_nothing_wrong(running: Installed) -> None:
    said = running.run("doctor")
    assert said.exit_code == 0, said.output
    assert "sync before they acknowledge" in said.output


def test_a_killed_supervisor_leaves_nothing_behind_and_starts_again(running: Installed) -> None:
    key, family = running.run("key").stdout, running.processes()
    family[0].kill()
    assert eventually(lambda: are_gone(family))
    assert running.run("status").exit_code == 3
    assert running.up("--test-clock").exit_code == 0
    assert running.run("key").stdout == key


def test_down_ends_everything_and_up_starts_it_again(running: Installed) -> None:
    family = running.processes()
    assert running.run("down").exit_code == 0
    assert are_gone(family)
    assert running.run("down").exit_code == 0
    assert running.up("--test-clock").exit_code == 0


def test_a_service_that_cannot_start_ends_the_start(fresh: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLS_BROKEN", "yes")
    said = fresh.up()
    assert said.exit_code == 8
    assert "calls does not start" in said.output
    assert "no such thing" in said.output
    assert str(fresh.place.log("calls")) in said.output
    assert fresh.run("status").exit_code == 3


def test_erase_deletes_everything_of_ours_wherever_it_is_kept(fresh: Installed) -> None:
    fresh.data.mkdir(mode=0o700)  # no other user passes: root keeps the database elsewhere
    assert fresh.up().exit_code == 0
    home = Path(fresh.state.database).parent
    (fresh.data / "notes.txt").write_text("mine")
    said = fresh.run("down", "--erase")
    assert said.exit_code == 0, said.output
    assert not home.exists()
    assert [path.name for path in fresh.data.iterdir()] == ["notes.txt"]
