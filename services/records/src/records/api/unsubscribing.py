"""The page behind a link that ends a subscription. Reading it changes nothing: mail programs open links unasked."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from records.usecases.unsubscribe import Subscription, subscription, unsubscribe
from shared.database import Database
from shared.http.strangers import page

pages = APIRouter(prefix="/unsubscribe", tags=["consents"])
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=select_autoescape(), undefined=StrictUndefined
)
_WORDS = {
    "en": {
        "title": "Unsubscribe",
        "ask": "You agreed to this. Do you want to stop?",
        "button": "Stop",
        "done": "This has ended. Nothing more is to be done.",
    },
    "nl": {
        "title": "Afmelden",
        "ask": "U hebt hiermee ingestemd. Wilt u stoppen?",
        "button": "Stoppen",
        "done": "Dit is beëindigd. U hoeft verder niets te doen.",
    },
}


@pages.get("/{token}", response_class=Response)
async def ask(token: str, request: Request) -> Response:
    """Asks whether it shall end."""
    async with _database(request).transaction() as transaction:
        found = await subscription(transaction, token)
    return _page(found, request, done=not found.agreed)


@pages.post("/{token}", response_class=Response)
async def end(token: str, request: Request) -> Response:
    """Ends it: by the page's button, or by a mail program's one click (RFC 8058)."""
    async with _database(request).transaction(actor="link") as transaction:
        found = await unsubscribe(transaction, token)
    return _page(found, request, done=True)


def _page(found: Subscription, request: Request, *, done: bool) -> Response:
    wanted = request.headers.get("accept-language", "")[:2].lower()
    language = wanted if wanted in _WORDS else "en"
    content = _PAGES.get_template("unsubscribe.html").render(
        language=language, words=_WORDS[language], name=found.name(language), done=done
    )
    return page(content)


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database
