"""What becomes of hooks under attack, over real HTTP, against a service on the real engines.

``python -m tests.fuzz.hooks --provider all --bodies 10000 --seed 1``. To each provider's hook it posts bodies bent by a
seeded chance, most of them validly signed *after* that, so that they reach the adapter and the normaliser, and then
requests that are no HTTP. It fails where an answer was neither 2xx nor 4xx, where a body that was taken cannot be read
back byte for byte, where a delivery is not settled with a reason for people, where the log has a secret or a traceback,
or where somebody well behaved had to wait.
"""

import argparse
import asyncio
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import uvloop
from services.calls.tests.stories import PROVIDERS, manifest, sent

from calls.domain.providers import Provider, providers
from shared.database import Database
from shared.engines import ports
from shared.engines.databases import create_database
from shared.testing import embedded
from shared.testing.service import give_key
from tests.fuzz.mutations import bent
from tests.fuzz.wire import Closed, Wire, posted, rude
from trunkline.simulator.dialects import Webhook, dialects

CONNECTIONS = 8
NUMBER = "x-fuzzed"
UNSIGNED = 0.1
GIVE_UP = 5.0
TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "☃",
)
# What begins a reason that tells of our own faults, and no person would understand.
OUR_FAULT = ("the adapter failed", "it broke our side")


# Host and port of the service.
Door = tuple[str, int]


@dataclass(frozen=True)
class Hook:
    """A connection that was made for the attack."""

    provider: str
    connection: str
    path: str
    address: str
    secrets: Mapping[str, str]


@dataclass
class Report:
    """Of one provider's hook: how requests were answered, and everything that is wrong."""

    answers: Counter[int] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    taken: dict[str, bytes] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    def note(self, status: int, what: str) -> None:
        self.answers[status] += 1
        if not 200 <= status < 300 and not 400 <= status < 500:
            self.wrong.append(f"{status} for {what[:300]}")


async def attack(door: Door, client: httpx.AsyncClient, provider: str, bodies: int, seed: int) -> Report:
    """All of it to a new hook of this provider; ``client`` may read and administer."""
    report, hook = Report(), await connected(client, provider)
    await send_bent_bodies(door, hook, report, bodies, seed)
    await send_rude_requests(door, hook, report)
    await settled(client, hook)
    await read_back(client, hook, report)
    return report


async def connected(client: httpx.AsyncClient, provider: str) -> Hook:
    about = manifest(provider)
    made = {"provider": provider, "name": "Fuzzed", "secrets": about["secrets"], "settings": about["settings"]}
    # Of every other one the address is that under which it came.
    known = about["public_url"] if PROVIDERS.index(provider) % 2 else None
    told = (await client.post("/v1/connections", json=made | {"public_url": known})).raise_for_status().json()
    return Hook(provider, told["id"], told["hook_path"], known or f"http://x{told['hook_path']}", about["secrets"])


async def send_bent_bodies(door: Door, hook: Hook, report: Report, bodies: int, seed: int) -> None:
    waiting = iter(requests(hook, bodies, seed))

    async def one() -> None:
        async with Wire(*door) as own:
            for number, request, stored in waiting:
                started = time.perf_counter()
                try:
                    status, _ = await own.ask(request)
                except (Closed, TimeoutError) as error:
                    report.wrong.append(f"no answer ({type(error).__name__}) to {request[:300]!r}")
                    continue
                report.latencies.append(time.perf_counter() - started)
                report.note(status, repr(request))
                if status < 300:
                    report.taken[number] = stored

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))


def requests(hook: Hook, bodies: int, seed: int) -> Iterator[tuple[str, bytes, bytes]]:
    """Each with its number and the hash of the body as it must be stored."""
    chance = random.Random(f"{seed}/{hook.provider}")
    originals = sent(hook.provider)
    all_bodies = [each.body for each in originals]
    for number in range(bodies):
        like = chance.choice(originals)
        body = bent(chance, all_bodies, number)
        below = (f"/{like.path}" if like.path else "") + (f"?{like.query}" if like.query else "")
        headers = {"content-type": _content_type(chance, like.headers), NUMBER: str(number)}
        if chance.random() >= UNSIGNED:
            below, proof = _signed(chance, hook, below, body)
            headers |= proof
        stored = _hash(providers()[hook.provider], body)
        yield str(number), posted(hook.path + below, headers, body), stored


def _hash(provider: Provider, body: bytes) -> bytes:
    """None of it can be taken where it cannot be rid of secrets."""
    try:
        return hashlib.sha256(provider.redact(body)).digest()
    except Exception:  # noqa: BLE001 — as it is for the service
        return b""


def _content_type(chance: random.Random, like: Mapping[str, str]) -> str:
    odd = chance.choice(TYPES).encode("utf-8").decode("latin-1")
    return odd if chance.random() < 0.1 else like.get("content-type", "application/json")


def _signed(chance: random.Random, hook: Hook, below: str, body: bytes) -> tuple[str, Mapping[str, str]]:
    """Where to post it, and the headers that prove it: as the provider signs, or as it might what no library reads."""
    now = datetime.now(UTC)
    if hook.provider == "ringover":
        payload = body.decode(errors="replace")
        proof = jwt.encode({"url": hook.address + below, "payload": payload}, hook.secrets["call_event_key"], "HS512")
        return below, {"X-Ringover-Webhook-Signature": proof}
    if hook.provider == "twilio" and (chance.random() < 0.5 or not _is_text(body)):
        below += ("&" if "?" in below else "?") + "bodySHA256=" + hashlib.sha256(body).hexdigest()
        return below, dialects()["twilio"].sign(Webhook(now, b""), hook.address + below, hook.secrets, now)
    more = {"i-twilio-idempotency-token": chance.randbytes(2_000).hex()} if chance.random() < 0.05 else {}
    try:
        return below, {
            **dialects()[hook.provider].sign(Webhook(now, body), hook.address + below, hook.secrets, now),
            **more,
        }
    except Exception:  # noqa: BLE001 — the provider itself could not sign this
        return below, {}
    return below, {**proof, **more}


def _is_text(body: bytes) -> bool:
    try:
        return bool(body.decode())
    except UnicodeDecodeError:
        return False


async def send_rude_requests(door: Door, hook: Hook, report: Report, patience: float = GIVE_UP) -> None:
    """A request without an end has no answer until we give up, which nobody may mind."""
    waiting = iter(rude(hook.path, sent(hook.provider)[0].body))

    async def one() -> None:
        for name, request in waiting:
            async with Wire(*door) as own:
                try:
                    async with asyncio.timeout(patience):
                        status, _ = await own.ask(request, head=name == "HEAD")
                except (Closed, TimeoutError):
                    report.unanswered.append(name)
                else:
                    report.note(status, name)

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))


async def settled(client: httpx.AsyncClient, hook: Hook, patience: float = 600) -> None:
    async with asyncio.timeout(patience):
        while await _listed(client, connection=hook.connection, state="received", limit=1):
            await asyncio.sleep(0.2)


async def _listed(client: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/deliveries", params=asked)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return found


async def read_back(client: httpx.AsyncClient, hook: Hook, report: Report) -> None:
    """Every body that was taken, from the API."""
    found = [each async for each in _deliveries(client, hook)]
    for start in range(0, len(found), CONNECTIONS):
        group = found[start : start + CONNECTIONS]
        answers = await asyncio.gather(*(client.get(f"/v1/deliveries/{each['id']}") for each in group))
        for answer in answers:
            _compare(answer.raise_for_status().json(), report)
    report.wrong += [f"request {number} was taken and is nowhere" for number in report.taken]


async def _deliveries(client: httpx.AsyncClient, hook: Hook) -> AsyncIterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get("/v1/deliveries", params={"connection": hook.connection, "limit": 500} | cursor)
        page = answer.raise_for_status().json()
        for each in page["items"]:
            yield each
        if not page["next_cursor"]:
            return
        cursor = {"cursor": page["next_cursor"]}


def _compare(whole: Mapping[str, Any], report: Report) -> None:
    report.states[whole["state"]] += 1
    reason = re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "…", whole["reason"] or "")
    report.reasons[reason[:120]] += bool(reason)
    if reason.startswith(OUR_FAULT) or (whole["state"] == "quarantined" and not reason):
        report.wrong.append(f"delivery {whole['id']}: {whole['reason']}")
    if number := whole["headers"].get(NUMBER):
        stored = report.taken.pop(number, None)
        body = b64decode(whole["body_base64"])
        if hashlib.sha256(body).digest() != stored:
            report.wrong.append(f"delivery {whole['id']} of request {number} is not what was sent: {body[:200]!r}")


# ——— By hand


@asynccontextmanager
async def service(stack: ExitStack, log: Path) -> AsyncIterator[tuple[int, subprocess.Popen[bytes], httpx.AsyncClient]]:
    """A process of its own, as its users run it: its port, and a client that may do everything."""
    engines = stack.enter_context(embedded.postgres_server()), stack.enter_context(embedded.nats_server())
    await create_database(engines[0], "calls")
    address = engines[0].replace("postgresql://", "postgresql+asyncpg://", 1).removesuffix("postgres") + "calls"
    (port,) = ports.free_ports(1)
    settings = {"DATABASE_URL": address, "NATS_URL": engines[1], "PORT": str(port)}
    settings["SPOOL_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
    environment = {f"CALLS_{name}": value for name, value in settings.items()}
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "calls"], env=environment, stderr=output)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
            await _ready(client)
            database = Database(address)
            client.headers["authorization"] = f"Bearer {await give_key(database)}"
            await database.dispose()
            yield port, process, client
    finally:
        process.terminate()
        process.wait(20)


async def _ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def bystander(client: httpx.AsyncClient, waits: list[float]) -> None:
    """Somebody well behaved, who wants an answer all the while."""
    while True:
        started = time.perf_counter()
        await client.get("/livez")
        waits.append(time.perf_counter() - started)
        await asyncio.sleep(0.05)


def memory(process: subprocess.Popen[bytes]) -> str:
    told = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    now, highest = (int(told[name].split()[0]) >> 10 for name in ("VmRSS", "VmHWM"))
    return f"{now} MiB (at most {highest})"


def told_by(log: Path) -> list[str]:
    """What should not stand in a log."""
    lines = log.read_text(errors="replace").splitlines()
    secrets = {secret for each in PROVIDERS for secret in manifest(each)["secrets"].values() if "test" in secret}
    wrong = [f"the log has the secret {secret}" for secret in secrets if any(secret in line for line in lines)]
    wrong += [f"logged, and no JSON: {line[:300]}" for line in lines if not line.startswith("{")]
    told = [json.loads(line) for line in lines if line.startswith("{")]
    loud = [line for line in told if "exception" in line or line["level"] in ("ERROR", "CRITICAL")]
    return wrong + [f"logged: {each['message']} … {each.get('exception', '')[-500:]}" for each in loud[:10]]


def spread(seconds: Sequence[float]) -> str:
    in_order = [each * 1000 for each in sorted(seconds)]
    p50, p99 = (in_order[int(len(in_order) * share)] for share in (0.5, 0.99))
    return f"p50 {p50:.1f} p99 {p99:.1f} most {in_order[-1]:.0f} ms"


async def run(asked: argparse.Namespace, stack: ExitStack) -> int:
    """How much was wrong."""
    log, waits = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "log", list[float]()
    wrong = 0
    async with service(stack, log) as (port, process, client):
        watching = asyncio.create_task(bystander(client, waits))
        for provider in PROVIDERS if asked.provider == "all" else [asked.provider]:
            started = time.perf_counter()
            report = await attack(("127.0.0.1", port), client, provider, asked.bodies, asked.seed)
            report.wrong += told_by(log)
            wrong += len(report.wrong)
            print(f"{provider}: {asked.bodies} bodies in {time.perf_counter() - started:.0f} s")
            print(f"  answers {dict(sorted(report.answers.items()))}, deliveries {dict(report.states)}")
            print(f"  no end, no answer: {', '.join(report.unanswered)}")
            print(f"  answered in {spread(report.latencies)}, a bystander in {spread(waits)}, memory {memory(process)}")
            if asked.reasons:
                print("".join(f"    {number:>6} {reason}\n" for reason, number in report.reasons.most_common(40)))
            print("".join(f"  WRONG {each}\n" for each in report.wrong[:20]), end="", flush=True)
            waits.clear()
        watching.cancel()
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provider", choices=["all", *PROVIDERS], default="all")
    parser.add_argument("--bodies", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reasons", action="store_true", help="say why deliveries were quarantined")
    asked = parser.parse_args()
    with ExitStack() as stack:
        sys.exit(uvloop.run(run(asked, stack)) > 0)


if __name__ == "__main__":
    main()
