"""``python -m records``: serve with the settings of the environment."""

from records.main import create_app
from records.settings import Settings
from shared.http.server import serve

if __name__ == "__main__":
    settings = Settings()
    serve(create_app(settings), settings)
