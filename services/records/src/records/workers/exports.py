"""Exports: page by page into a file beside the database, and at the end into it. One that died begins again."""

import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import IO, Any

from records.domain.cells import guarded
from records.domain.exporting import cells, columns_of, headings, native
from records.domain.schema import Schema
from records.domain.spreadsheets import CARRIAGE_RETURN
from records.storage import exports, selected, selections, workspaces
from records.storage.queries import Wanted, find_page
from records.usecases.present_records import present_records
from shared.expressions import parse_filter
from shared.jobs import RunningJob

PAGE = 500
Rows = AsyncIterator[Sequence[str]]


async def run_export(running: RunningJob) -> dict[str, Any]:
    """A job of kind ``export``; its result says how many records are in the file."""
    async with running.step(done=0) as transaction:
        workspace = await workspaces.seen(transaction)
    schema = workspace.schema(running.input["project"])
    columns = columns_of(running.input["columns"], schema)
    count = 0
    with tempfile.TemporaryFile() as file:

        async def counted() -> Rows:
            nonlocal count
            yield headings(columns, schema)
            async for row in _rows(running, schema, columns):
                count += 1
                yield [guarded(cell) for cell in row] if running.input["safe"] else row

        if running.input["format"] == "xlsx":
            await _write_xlsx(file, counted(), columns, schema)
        else:
            await _write_csv(file, counted())
        file.seek(0)
        async with running.step(done=count, total=count) as transaction:
            await exports.keep(transaction.connection, running.job.id, file)
    return {"records": count}


async def _rows(running: RunningJob, schema: Schema, columns: Sequence[str]) -> Rows:
    cursor, done = None, 0
    while True:
        async with running.step(done=done) as transaction:
            workspace, now = await workspaces.seen(transaction), transaction.now
            chosen = None
            if running.input["selection"]:
                selection = await selections.get(transaction.connection, running.input["selection"])
                chosen = await selected.load(transaction.connection, workspace, selection, now)
            condition = parse_filter(running.input["filter"], schema.project.key, workspace.expressions)
            wanted = Wanted(schema.project.key, condition, (), PAGE, cursor, chosen=chosen)
            page = await find_page(transaction.connection, workspace, wanted, now)
            presented = await present_records(transaction, workspace, page.records, fields=columns)
        for record, each in zip(page.records, presented, strict=True):
            yield cells(record, each, columns, schema)
        done, cursor = done + len(page.records), page.cursor
        if cursor is None:
            return


async def _write_csv(file: IO[bytes], rows: Rows) -> None:
    """With the mark that spreadsheets need to see that it is UTF-8."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(text)
    async for row in rows:
        writer.writerow(row)
    text.detach()


async def _write_xlsx(file: IO[bytes], rows: Rows, columns: Sequence[str], schema: Schema) -> None:
    """Texts are texts, whatever they begin with; numbers are numbers."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet()
    fields = [schema.fields_by_key.get(column) for column in columns]
    first = True
    async for row in rows:
        written = []
        for text, field in zip(row, fields, strict=True):
            cell = WriteOnlyCell(sheet, None if first or not text else native(text.lstrip("'"), field))
            if isinstance(cell.value, str) or first:
                cell.value = text.replace("\r", CARRIAGE_RETURN)
                cell.data_type = "s"
            written.append(cell)
        sheet.append(written)
        first = False
    workbook.save(file)
