"""Running a service's application in this process: one worker, uvloop and httptools."""

import gc

import uvicorn
from fastapi import FastAPI

from shared.http.protocol import BoundedProtocol
from shared.settings import ServiceSettings

GRACE_SECONDS = 5
GARBAGE = (20_000, 20, 20)


def serve(app: FastAPI, settings: ServiceSettings) -> None:
    """Serve until SIGTERM or SIGINT; requests under way have `GRACE_SECONDS` to end."""
    # The application itself lives until the end: whoever collects garbage need not look at it again and again.
    gc.freeze()
    # Nor at what lives for one request, a thousand records with all their parts, while it does.
    gc.set_threshold(*GARBAGE)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=BoundedProtocol,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
