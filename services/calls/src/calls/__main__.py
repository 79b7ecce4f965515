"""``python -m calls``: serve with the settings of the environment."""

from calls.main import create_app
from calls.settings import Settings
from shared.http.server import serve

if __name__ == "__main__":
    settings = Settings()
    serve(create_app(settings), settings)
