"""What runs, as scripts are told: addresses, the key, and how each part does."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

from trunkline.launcher import database, installation, plan, port_map, probe
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.installation import Installation
from trunkline.launcher.state import PartState, State


def nothing(place: DataFolder) -> dict[str, Any]:
    """While nothing runs."""
    return {"ready": False, "services": {}, "engines": {}, "key": installation.load(place).admin_key, "parts": {}}


def describe(place: DataFolder, found: State) -> dict[str, Any]:
    """Asks every service whether it is ready now."""
    known = installation.load(place)
    with ThreadPoolExecutor(len(found.parts)) as pool:
        parts = dict(zip([part.name for part in found.parts], pool.map(_part, found.parts), strict=True))
    return {
        "ready": found.ready and all(part["ready"] for part in parts.values()),
        "services": {part.name: part.address for part in found.parts if part.kind == "service"},
        "engines": _engines(place, found, known),
        "key": known.admin_key,
        "data": str(place.path),
        "database_folder": found.database,
        "test_clock": found.test_clock,
        "supervisor": {"pid": found.process_id, "memory_mb": _memory(found.process_id, children=False)},
        "parts": parts,
    }


def _engines(place: DataFolder, found: State, known: Installation) -> dict[str, str]:
    ports = port_map.PortMap(found.port_base)
    return {
        "nats": plan.bus(place, known, ports).url,
        "postgres": database.superuser(known, ports["postgres"]).url,
        "clickhouse": found.clickhouse,
    }


def _part(part: PartState) -> dict[str, Any]:
    """The supervisor's word, and for a service its own, now."""
    reason = None if part.state == "ready" else f"it is {part.state}"
    if reason is None and part.kind == "service":
        reason = probe.refusal(part.address, timeout=3.0)
    return {
        "kind": part.kind,
        "ready": reason is None,
        "state": part.state,
        "reason": reason,
        "address": part.address,
        "pid": part.process_id,
        "restarts": part.restarts,
        "trouble": part.trouble or None,
        "seconds": round(time.time() - part.started_at) if part.started_at else None,
        "memory_mb": _memory(part.process_id, children=True),
        "log": part.log,
    }


def _memory(process_id: int | None, *, children: bool) -> float | None:
    """Proportional (shared pages counted once), in MB; resident where the system does not tell."""
    if process_id is None:
        return None
    try:
        process = psutil.Process(process_id)
        family = [process, *(process.children(recursive=True) if children else [])]
        return round(sum(_own_memory(each) for each in family) / 1e6, 1)
    except psutil.Error:
        return None


def _own_memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.AccessDenied, AttributeError):
        return int(process.memory_info().rss)
