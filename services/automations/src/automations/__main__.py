"""``python -m automations``: serve with the settings of the environment."""

from automations.main import create_app
from automations.settings import Settings
from shared.http.server import serve

if __name__ == "__main__":
    settings = Settings()
    serve(create_app(settings), settings)
