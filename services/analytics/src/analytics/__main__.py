"""``python -m analytics``: the service in a process of its own."""

from analytics.main import create_app
from analytics.settings import Settings
from shared.http.server import serve

settings = Settings()
serve(create_app(settings), settings)
