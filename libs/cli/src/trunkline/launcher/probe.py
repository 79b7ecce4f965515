"""Asking a service whether it is ready."""

import http.client
import json
from urllib.parse import urlsplit


def refusal(address: str, timeout: float = 1.0) -> str | None:
    """None when the service at ``address`` is ready, else its reason in a few words."""
    target = urlsplit(address)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=timeout)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"it does not answer ({error})"
    finally:
        connection.close()
    return None if answer.status == http.client.OK else _reason(body, answer.status)


def _reason(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, LookupError, TypeError):
        return f"it answers {status}"
