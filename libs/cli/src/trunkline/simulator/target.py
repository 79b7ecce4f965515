"""Where invented calls go: the connections of a running Trunkline, made as a customer makes them."""

import hashlib
import hmac
import secrets
from typing import Any

from trunkline.client import request
from trunkline.failures import Refused
from trunkline.installed import Running
from trunkline.simulator.dialects import Dialect, dialects
from trunkline.simulator.play import Target

NAME = "Simulated calls"


def connect(running: Running, provider: str = "aircall") -> Target:
    """The connection through which a running Trunkline hears invented calls; it is made when there is none."""
    dialect = dialects()[provider]
    # Derived from the key, because secrets never come out of a connection again.
    text = hmac.new(running.key.encode(), f"simulator/{provider}".encode(), hashlib.sha256).hexdigest()
    known = request(running, "calls", "GET", "/v1/connections?limit=500")["items"]
    mine = [each for each in known if (each["provider"], each["name"]) == (provider, NAME)]
    connection = mine[0] if mine else _made(running, dialect, text)
    target = Target(running.services["calls"] + connection["hook_path"], dialect, dialect.secrets(text))
    if connection.get("public_url") != target.hook:
        # What providers sign: the address they know, which may differ from one start to the next.
        _request(running, "PATCH", f"/v1/connections/{connection['id']}", {"public_url": target.hook})
    if dialect.greets and not mine:
        _greet(running, connection, target)
    return target


def _made(running: Running, dialect: Dialect, text: str) -> Any:
    asked = {"provider": dialect.provider, "name": NAME, "secrets": dict(dialect.secrets(text))}
    return _request(running, "POST", "/v1/connections", asked | {"settings": dict(dialect.settings)})


def _greet(running: Running, connection: Any, target: Target) -> None:
    """The provider's handshake, let in as its page says."""
    import httpx  # it takes a third of a second, which commands without requests need not wait

    _request(running, "POST", f"/v1/connections/{connection['id']}/subscribe", None)
    token = secrets.token_hex(16)
    answer = httpx.post(target.hook, headers={"validation-token": token}, trust_env=False, timeout=30)
    if not answer.is_success or answer.headers.get("validation-token") != token:
        raise Refused(f"calls answered {answer.status_code} to the handshake of {target.dialect.provider}")


def _request(running: Running, method: str, path: str, body: Any) -> Any:
    return request(running, "calls", method, path, body=body)
