"""Requests to the services of a running Trunkline, with the administrator's key."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from trunkline.failures import NotReady, Refused
from trunkline.installed import Running

if TYPE_CHECKING:
    import httpx


def request(
    running: Running,
    service: str,
    method: str,
    path: str,
    *,
    body: Any = None,
    params: dict[str, str] | None = None,
    timeout: float = 60.0,
) -> Any:
    """The answer's JSON. Raises `NotReady` when the service is away, `Refused`, in its words, when it says no."""
    answer = _answer(running, service, method, path, json=body, params=params, timeout=timeout)
    return answer.json() if answer.content else None


def send_file(running: Running, service: str, path: str, file: Path, timeout: float = 600.0) -> Any:
    """As `request`: the file is the body, its name a parameter."""
    with file.open("rb") as content:
        return _answer(
            running, service, "POST", path, params={"name": file.name}, content=content.read(), timeout=timeout
        ).json()


def send_text(running: Running, service: str, path: str, text: bytes, kind: str, **params: str) -> Any:
    """As `request`: the text of that kind is the body."""
    headers = {"content-type": kind}
    return _answer(running, service, "POST", path, content=text, params=params, timeout=120.0, headers=headers).json()


def fetch_file(running: Running, service: str, path: str, file: Path, timeout: float = 600.0) -> None:
    """As `request`: the answer's body becomes the file."""
    file.write_bytes(_answer(running, service, "GET", path, timeout=timeout).content)


def _answer(running: Running, service: str, method: str, path: str, **others: Any) -> "httpx.Response":
    import httpx  # it takes a third of a second, which commands without requests need not wait

    headers = {"Authorization": f"Bearer {running.key}", **others.pop("headers", {})}
    if method in {"POST", "PATCH"}:
        headers["Idempotency-Key"] = str(uuid7())
    try:
        answer = httpx.request(method, running.services[service] + path, headers=headers, trust_env=False, **others)
    except httpx.TransportError as error:
        raise NotReady(
            f"{service} does not answer at {running.services[service]}: {error or type(error).__name__}"
        ) from None
    if answer.is_error:
        raise Refused(_sentence(service, answer))
    return answer


def _sentence(service: str, answer: "httpx.Response") -> str:
    """RFC 9457, as far as the answer keeps to it."""
    try:
        problem = answer.json()
        return f"{service}: {with_places(problem['detail'], problem.get('errors') or [])}"
    except (ValueError, LookupError, TypeError, AttributeError):
        return f"{service} answered {answer.status_code}: {answer.text[:200]}"


def with_places(detail: str, errors: list[dict[str, str]]) -> str:
    """What went wrong, and where."""
    if [each["detail"] for each in errors] == [detail]:
        return f"{detail} (at {errors[0]['pointer']})"
    unsaid = [each for each in errors if each["detail"] not in detail]
    return " ".join([detail, *(f"{each['pointer']}: {each['detail']}" for each in unsaid)])
