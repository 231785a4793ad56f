"""onrecord payroll export: a month's confirmed deductions as a file; the month is locked."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import nats
import typer

from onrecord_events.log import EventLog
from onrecord_events.payroll import Exported
from onrecord_projections.queries.view import View
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.commands.common import DEFAULT, Data, fail, out, run, site_of
from onrecord_services.commands.deciding import desk_of
from onrecord_services.desk.payroll import files
from onrecord_services.desk.payroll.commands import HandOut
from onrecord_services.desk.payroll.files import Format
from onrecord_services.desk.payroll.run import NotExported, export
from onrecord_services.site import Site

payroll_app = typer.Typer(help="Confirmed deductions, to payroll.", no_args_is_help=True)


@payroll_app.callback()
def _group() -> None:
    """So that `export` is a name and not the whole command."""


@payroll_app.command("export")
def export_command(
    month: Annotated[str, typer.Option(help="Which month's pay, such as 2026-06.")],
    by: Annotated[str, typer.Option(help="Who exports; his roles are looked at.")],
    tenant: Annotated[str, typer.Option(help="Whose.")] = "main",
    format_: Annotated[str, typer.Option("--format", help="xlsx, csv or json.")] = "xlsx",
    file: Annotated[
        Path | None, typer.Option("--out", help="Where to; a name of its own if left out.")
    ] = None,
    data: Data = DEFAULT,
) -> None:
    """Export a month once and lock it; asked for again, its file is made again, byte for byte."""
    formats: dict[str, Format] = {"xlsx": "xlsx", "csv": "csv", "json": "json"}
    if format_ not in formats:
        fail("--format is xlsx, csv or json")
    path = file or Path(f"payroll-{month}.{format_}")
    try:
        whole, content = run(_export(site_of(data), tenant, by, month, formats[format_]))
    except NotExported as error:
        fail(str(error))
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    out.print(
        f"{path}: {whole.rows} rows in {whole.parts} parts, sha256 {sha256}", markup=False, soft_wrap=True
    )


async def _export(site: Site, tenant: str, by: str, month: str, fmt: Format) -> tuple[Exported, bytes]:
    """On record before anybody has the file."""
    async with _log_of(site, tenant) as log, _reads_of(site) as reads, desk_of(site, tenant, by) as ask:
        found = await export(ask, log, reads, month)
        assert found.whole is not None, "an export ends whole or raises"
        zone = await reads.ask(tenant, _zone)
        content = files.write(found, tenant, fmt, zone)
        told = {
            "month": month,
            "format": fmt,
            "file_sha256": hashlib.sha256(content).hexdigest(),
            "release": files.release(),
        }
        answer = await ask(HandOut.NAME, told)
        if answer.outcome == "refused":
            raise NotExported(f"refused: {answer.reason}")
        return found.whole, content


async def _zone(view: View) -> ZoneInfo:
    return view.zone


@asynccontextmanager
async def _log_of(site: Site, tenant: str) -> AsyncIterator[EventLog]:
    reader = await nats.connect(site.nats["reader"], name="payroll")
    try:
        yield await EventLog.open(reader, tenant)
    finally:
        await reader.close()


@asynccontextmanager
async def _reads_of(site: Site) -> AsyncIterator[Reads]:
    pool = Pool(site.postgres["onrecord_reader"])
    try:
        yield Reads(pool)
    finally:
        await pool.close()
