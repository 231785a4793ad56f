"""Builders for tests of reports: a tenant with rows, a report as a file, and the files read back."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import psycopg
from psycopg import AsyncConnection
from pypdf import PdfReader

from onrecord_events.report import Produced as Event
from onrecord_services.engines import Engines
from onrecord_services.reports.heading import Heading
from onrecord_services.reports.parameters import Parameters
from onrecord_services.reports.produce import Produced, produce
from onrecord_services.reports.sheet import Words
from projecting import Bench, bench

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADING = Heading(
    report="complaint-analysis",
    report_id="complaint-analysis-0123456789ab",
    title=Words("客户投诉分析报告表", "Complaint analysis"),
    number="ZC-QR-029",
    cites=("RENT-CRM-2.6",),
    tenant="acme",
    of="2026-06",
    at=datetime(2026, 7, 1, 9, tzinfo=SHANGHAI),
    known_at=datetime(2026, 7, 1, 9, tzinfo=SHANGHAI),
    position=321,
    editions=("rent-crm@2",),
    release="0.1.0",
    zone=SHANGHAI,
    lang="zh",
)


@dataclass
class Desk:
    """One tenant whose reports are asked for."""

    bench: Bench
    reader: AsyncConnection[Any]
    on_record: list[tuple[str, Event]] = field(default_factory=list)

    async def report(self, name: str, fmt: str = "csv", lang: Any = "zh", **parameters: Any) -> Produced:
        """The file; what would be appended is kept in `on_record`."""

        async def append(stream: str, body: Event) -> None:
            self.on_record.append((stream, body))

        given = {"given": parameters.pop("given")} if "given" in parameters else {}
        asked = Parameters(**parameters)
        return await produce(self.reader, append, self.bench.log.tenant, name, asked, fmt, lang, **given)

    async def rows(self, name: str, lang: Any = "zh", **parameters: Any) -> list[dict[str, str]]:
        """The rows of a table by their headings."""
        return list(csv.DictReader(text_of(await self.report(name, "csv", lang, **parameters))))

    async def fields(self, name: str, lang: Any = "zh", **parameters: Any) -> list[tuple[str, str]]:
        """The lines of a form, without its header."""
        lines = csv.reader(text_of(await self.report(name, "csv", lang, **parameters)))
        return [(line[0], line[1]) for line in lines][1:]


def text_of(made: Produced) -> io.StringIO:
    """A CSV's text, without its mark."""
    return io.StringIO(made.content.decode("utf-8-sig"), newline="")


def book_of(content: bytes) -> Any:
    """An XLSX, read by another library than the one that wrote it."""
    return openpyxl.load_workbook(io.BytesIO(content))  # type: ignore[attr-defined,no-untyped-call]  # has no types


def pages_of(content: bytes) -> list[str]:
    """The text of each page of a PDF."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


@asynccontextmanager
async def desk(engines: Engines) -> AsyncIterator[Desk]:
    """A fresh tenant on the shared engines."""
    async with bench(engines) as made:
        url = engines.postgres_dsn("onrecord_reader")
        reader = await psycopg.AsyncConnection.connect(url, autocommit=True)
        try:
            yield Desk(made, reader)
        finally:
            await reader.close()
