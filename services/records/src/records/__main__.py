"""``python -m records`` serves it."""

from records.main import main

if __name__ == "__main__":
    main()
