"""``python -m calls``: the service in a process of its own."""

from calls.main import create_app
from calls.settings import Settings
from shared.http.server import serve

settings = Settings()
serve(create_app(settings), settings)
