"""The page: static files, served as they are. It brings its key along itself; the files are no secret."""

import mimetypes
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from shared.errors import NotFound

router = APIRouter(include_in_schema=False)
FOLDER = Path(__file__).parents[1] / "web"
HEADERS = {
    # Nothing from elsewhere, not even a font.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class PageNotFound(NotFound):
    pass


@router.get("/")
async def page() -> FileResponse:
    return FileResponse(FOLDER / "index.html", headers=HEADERS)


@router.get("/web/{name}")
async def asset(name: str) -> FileResponse:
    if name not in {each.name for each in FOLDER.iterdir()}:
        raise PageNotFound(f"There is no file '{name}'.")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileResponse(FOLDER / name, media_type=kind, headers=HEADERS)
