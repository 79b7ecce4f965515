"""What is known of a person as a table for people: one line a value, whichever service and store it lies in."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from records.domain.cells import guarded

COLUMNS = ("service", "store", "row", "field", "value")


def as_csv(services: Mapping[str, Mapping[str, list[Any]]]) -> bytes:
    """Safe to open in a spreadsheet; with the mark by which one knows UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for service, stores in services.items():
        for store, rows in stores.items():
            for number, row in enumerate(rows, 1):
                for field, value in _values(row, ""):
                    writer.writerow([service, store, number, field, guarded(value)])
    return written.getvalue().encode("utf-8-sig")


def _values(tree: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each value that is not empty, with its path."""
    if isinstance(tree, Mapping):
        for name, part in tree.items():
            yield from _values(part, f"{place}.{name}" if place else str(name))
    elif isinstance(tree, list):
        for number, part in enumerate(tree, 1):
            yield from _values(part, f"{place}.{number}")
    elif tree not in (None, ""):
        yield place, str(tree).lower() if isinstance(tree, bool) else str(tree)
