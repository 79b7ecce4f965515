"""Running a service's application in this process: one worker, uvloop and httptools."""

import gc
from importlib import import_module
from typing import Any

from shared.settings import ServiceSettings

GRACE_SECONDS = 5
LOCAL = ("127.0.0.1", "::1")
GARBAGE = (20_000, 20, 20)


def serve(service: str) -> None:
    """Serve that package's application with the settings of the environment, until SIGTERM or SIGINT.

    Requests under way have `GRACE_SECONDS` to end.
    """
    # Nothing that is made before the first request is garbage: nobody looks for any, now or later.
    gc.disable()
    settings = import_module(f"{service}.settings").Settings()
    app = import_module(f"{service}.main").create_app(settings)
    gc.freeze()
    gc.enable()
    # Nor at what lives for one request, a thousand records with all their parts, while it does.
    gc.set_threshold(*GARBAGE)
    import uvicorn

    uvicorn.run(app, **options(settings))


def options(settings: ServiceSettings) -> dict[str, Any]:
    """Uvicorn's. ``request.client`` is whom a trusted proxy names."""
    from shared.http.protocol import BoundedProtocol

    return {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": BoundedProtocol,
        "log_config": None,
        "access_log": False,
        "forwarded_allow_ips": [*LOCAL, *map(str, settings.trusted_proxies)],
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }
