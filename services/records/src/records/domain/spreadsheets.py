"""Tables in files: CSV in whatever encoding and with whatever separator, and XLSX, read row by row.

The first row with anything in it names the columns. Cells come out as texts, the guard of `records.domain.cells`
taken off.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from records.domain.cells import unguarded
from shared.errors import Invalid, TooLarge

Row = list[str]
Format = Literal["csv", "xlsx"]
LARGEST_FILE = 50 << 20
MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
LONGEST_CELL = 32 << 10
# An XLSX file is a ZIP file: a small one may unpack to more than any memory holds.
LARGEST_UNPACKED = 1 << 30
MOST_UNPACKED_RATIO = 200
SAMPLE = 64 << 10
# How XLSX writes the one character of a text that XML would lose.
CARRIAGE_RETURN = "_x000D_"
_MARKS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))


@dataclass(frozen=True)
class Table:
    """``rows`` can be gone through once; each has as many cells as there are columns."""

    format: Format
    encoding: str | None
    delimiter: str | None
    columns: Sequence[str]
    rows: Iterator[Row]


def read_table(content: bytes) -> Table:
    """The table in the file. Raises `Invalid` where there is none, `TooLarge` beyond the limits (also while read)."""
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"A file has at most {LARGEST_FILE >> 20} MB; this one has {len(content) >> 20}.")
    if content.startswith(b"PK\x03\x04"):
        return _table("xlsx", _xlsx_rows(content))
    encoding = _encoding(content)
    text = content.decode(encoding)
    if "\0" in text:
        raise Invalid.at("/file", "This is neither a CSV nor an XLSX file.")
    delimiter = _delimiter(text[:SAMPLE])
    return _table("csv", _csv_rows(text, delimiter), encoding, delimiter)


def _table(kind: Format, rows: Iterator[Row], encoding: str | None = None, delimiter: str | None = None) -> Table:
    columns = [cell.strip() for cell in next((row for row in rows if any(row)), [])]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise Invalid.at("/file", "The file is empty: its first row names the columns.")
    if len(columns) > MOST_COLUMNS:
        raise TooLarge(f"A file has at most {MOST_COLUMNS} columns; this one has {len(columns)}.")
    return Table(kind, encoding, delimiter, _unique(columns), _even(rows, len(columns)))


def _unique(columns: Sequence[str]) -> list[str]:
    """Names by which each column can be meant: a nameless one gets its number, a second one of a name too."""
    named: list[str] = []
    for number, column in enumerate(columns, 1):
        name = column or f"column {number}"
        named.append(name if name not in named else f"{name} ({number})")
    return named


def _even(rows: Iterable[Row], width: int) -> Iterator[Row]:
    count = 0
    for row in rows:
        if not any(row):
            continue
        count += 1
        if count > MOST_ROWS:
            raise TooLarge(f"A file has at most {MOST_ROWS:,} rows.")
        if any(len(cell) > LONGEST_CELL for cell in row):
            raise TooLarge(f"A cell has at most {LONGEST_CELL >> 10} KB; one of row {count} has more.")
        yield [unguarded(cell) for cell in (*row[:width], *[""] * (width - len(row)))]


def _encoding(content: bytes) -> str:
    for encoding, mark in _MARKS:
        if content.startswith(mark):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252" if _decodes(content, "cp1252") else "latin-1"
    return "utf-8"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(sample: str) -> str:
    """The one that cuts the first lines into the most, and equally many, cells."""

    def evenness(delimiter: str) -> tuple[bool, int]:
        rows = [row for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if any(row)][:20]
        widths = [len(row) for row in rows[:-1] or rows]
        return bool(widths) and min(widths) == max(widths), widths[0] if widths else 0

    csv.field_size_limit(LARGEST_FILE)
    return max((",", ";", "\t", "|"), key=lambda each: (evenness(each)[1] > 1, *evenness(each)))


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise Invalid.at("/file", f"The file is no CSV: {error}.") from error


def _xlsx_rows(content: bytes) -> Iterator[Row]:
    """Of the first sheet: results of formulas, not the formulas."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > max(LARGEST_UNPACKED // 10, min(LARGEST_UNPACKED, len(content) * MOST_UNPACKED_RATIO)):
            raise TooLarge("The file unpacks to far more than a table would.")
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise Invalid.at("/file", "This is no XLSX file.") from error
    sheet = workbook.worksheets[0]
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1):
        yield [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    match cell:
        case None | bool():
            return {None: "", True: "true", False: "false"}[cell]
        case float():
            return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.replace(microsecond=0).isoformat(" ")
        case date():
            return cell.isoformat()
    return str(cell).replace(CARRIAGE_RETURN, "\r")
