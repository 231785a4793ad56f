"""Produce: a report from the question to its bytes, and the event that it was made.

In:  a name, its parameters, a format and a language; a connection that reads the tenant's rows
Out: the file, and `report.produced` appended before anybody has it
The same question at the same position and release gives the same bytes.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from psycopg import AsyncConnection

from onrecord_events import report as events
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.view import View, Views
from onrecord_services.reports import as_csv, as_pdf, as_xlsx, digest
from onrecord_services.reports.heading import Heading, heading
from onrecord_services.reports.parameters import Parameters
from onrecord_services.reports.report import Asked, Progress, Report
from onrecord_services.reports.sheet import Given, Lang, Sheet, revealed, sealed
from onrecord_services.reports.shelf import report_named

Format = Literal["xlsx", "csv", "pdf"]


class Writer(NamedTuple):
    """How a format is written, and what browsers call it."""

    write: Callable[[Heading, Sheet], bytes]
    media_type: str


WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "xlsx": Writer(as_xlsx.write, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "csv": Writer(as_csv.write, "text/csv; charset=utf-8"),
        "pdf": Writer(as_pdf.write, "application/pdf"),
    }
)

Append = Callable[[str, events.Produced], Awaitable[object]]
"""Takes stream and body, and returns when they are durable. Id, time and actor are the caller's to add."""


class Produced(NamedTuple):
    """A file, and what is on record of it."""

    file_name: str
    media_type: str
    content: bytes
    event: events.Produced


class Made(NamedTuple):
    """A sheet with what stands on its papers."""

    heading: Heading
    sheet: Sheet
    rows: int
    rows_sha256: str


def _untold(_done: int, _of: int) -> None:
    """Nobody wants to know how far it is."""


async def produce(
    connection: AsyncConnection[Any],
    append: Append,
    tenant: str,
    name: str,
    parameters: Parameters,
    fmt: str,
    lang: Lang = "zh",
    *,
    given: Given = sealed,
    progress: Progress = _untold,
    views: Views | None = None,
) -> Produced:
    """One report as a file. `connection` is in autocommit mode. Raises BadQuestion, NoReadModel."""
    report, writer = report_named(name), _writer(fmt)
    report.takes.check(parameters)
    async with (views or Views()).open(connection, tenant, lang, parameters.times) as view:
        made = await make(view, report, parameters, progress)
    sheet = revealed(made.sheet, given)
    content = await asyncio.to_thread(writer.write, made.heading, sheet)
    event = _event(report, parameters, fmt, made, content)
    await append(f"report/{name}", event)
    return Produced(_file_name(made.heading, fmt), writer.media_type, content, event)


async def make(view: View, report: Report, parameters: Parameters, progress: Progress = _untold) -> Made:
    """The sheet alone, with personal fields still sealed. Raises BadQuestion."""
    sheet = await report.make(Asked(view, parameters, progress))
    rows_sha256 = await asyncio.to_thread(digest.rows_sha256, sheet)
    rows = sum(1 for _ in digest.rows_of(sheet))
    return Made(heading(view, report, parameters, rows_sha256), sheet, rows, rows_sha256)


def _writer(fmt: str) -> Writer:
    writer = WRITERS.get(fmt)
    if writer is None:
        raise BadQuestion(f"format: {', '.join(WRITERS)}")
    return writer


def _event(report: Report, asked: Parameters, fmt: str, made: Made, content: bytes) -> events.Produced:
    return events.Produced.model_validate(
        {
            "report": report.name,
            "report_id": made.heading.report_id,
            "period": asked.period,
            "case": asked.case,
            "person": asked.person,
            "penalty_line": asked.line,
            "days": asked.days,
            "format": fmt,
            "lang": made.heading.lang,
            "as_of": asked.as_of,
            "known_at": asked.known_at,
            "position": made.heading.position,
            "rows": made.rows,
            "rows_sha256": made.rows_sha256,
            "file_sha256": hashlib.sha256(content).hexdigest(),
            "release": made.heading.release,
        }
    )


def _file_name(heading: Heading, fmt: str) -> str:
    """Letters, digits, dots and dashes only: it goes into headers and file systems."""
    of = "".join(char if char.isascii() and (char.isalnum() or char in ".-") else "-" for char in heading.of)
    return f"{heading.report}-{of.strip('-.')}-{heading.lang}.{fmt}"
