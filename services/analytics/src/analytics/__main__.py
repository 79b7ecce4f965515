"""``python -m analytics``: serve with the settings of the environment."""

from shared.http.server import serve

if __name__ == "__main__":
    serve("analytics")
