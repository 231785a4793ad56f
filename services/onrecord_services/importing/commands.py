"""onrecord import: a history out of files, into a tenant's log.

In:  JSON lines, CSV, XLSX, XES (also .gz) and a map
Out: events through intake; a report of what was refused, and why
Run: onrecord import FILE --map MAP.toml --tenant T
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO, Protocol

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from onrecord_services.commands.common import DEFAULT, EXPECTED, Data
from onrecord_services.importing.errors import ImportFailed
from onrecord_services.importing.mapper import Mapped, Mapper
from onrecord_services.importing.mapping import Map, load_map
from onrecord_services.importing.readers import format_of, read_records
from onrecord_services.importing.records import BadRecord
from onrecord_services.importing.report import RefusalFile, Report
from onrecord_services.importing.run import Sink, events_in, run

OpenTenant = Callable[[str], AbstractAsyncContextManager[Sink]]
"""Opens the way into one tenant's log."""


class OpenSink(Protocol):
    """Opens the way into one tenant's log, on the site that runs on a data folder."""

    def __call__(self, tenant: str, /, *, data: Path) -> AbstractAsyncContextManager[Sink]:
        """Raises what a site that cannot be reached raises."""
        ...


def import_command(open_sink: OpenSink) -> Callable[..., None]:
    """The command, with the way into the log that the caller wires up."""

    def import_file(
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What to import.")],
        how: Annotated[str, typer.Option("--map", help="A map (TOML), or the name of a shipped one.")],
        tenant: Annotated[str, typer.Option(help="Whose log takes it.")] = "",
        data: Data = DEFAULT,
        from_record: Annotated[int, typer.Option(min=1, help="Leave out the records before.")] = 1,
        report: Annotated[Path | None, typer.Option(help="Write refusals to this CSV.")] = None,
        dry_run: Annotated[int, typer.Option(min=0, help="Only print so many events.")] = 0,
    ) -> None:
        """Import a file's history; running it again imports nothing twice."""
        console = Console(stderr=True)
        try:
            here = partial(open_sink, data=data)
            told = _import(file, load_map(how), tenant, from_record, report, dry_run, here, console)
        except (ImportFailed, *EXPECTED) as error:
            console.print(str(error), style="red", markup=False, highlight=False)
            raise typer.Exit(2) from None
        for line in told.lines():
            console.print(line, markup=False, highlight=False)
        raise typer.Exit(1 if told.refused else 0)

    return import_file


def _import(
    file: Path,
    how: Map,
    tenant: str,
    from_record: int,
    report_path: Path | None,
    dry_run: int,
    open_sink: OpenTenant,
    console: Console,
) -> Report:
    if from_record > 1 and how.order == "time":
        raise ImportFailed('--from-record needs a map with order = "file": a sorted run starts anew')
    if not dry_run and not tenant:
        raise ImportFailed("--tenant says whose log takes it")
    report = Report()
    with file.open("rb") as raw, RefusalFile(str(report_path) if report_path else None) as refusals:

        def refuse(bad: BadRecord) -> None:
            report.refuse(bad)
            refusals.add(bad)

        records = read_records(raw, file.name, how.format or format_of(file), how.reader)
        events = events_in(
            records, Mapper(how), order=how.order, report=report, refuse=refuse, from_record=from_record
        )
        if dry_run:
            _print(events, dry_run)
        else:
            asyncio.run(_send(events, raw, file.stat().st_size, tenant, report, refusals, open_sink, console))
    return report


def _print(events: Iterator[Mapped], count: int) -> None:
    for mapped in islice(events, count):
        typer.echo(msgspec.json.encode(mapped.event).decode())


async def _send(
    events: Iterator[Mapped],
    raw: BinaryIO,
    size_bytes: int,
    tenant: str,
    report: Report,
    refusals: RefusalFile,
    open_sink: OpenTenant,
    console: Console,
) -> None:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
    reading = bar.add_task("bytes read", total=size_bytes)
    sending = bar.add_task("events sent", total=None)

    def show(report: Report) -> None:
        bar.update(reading, completed=raw.tell())
        bar.update(sending, completed=report.accepted + report.already_there + report.refused.total())

    with bar:
        async with open_sink(tenant) as sink:
            await run(events, sink, report=report, refusals=refusals, progress=show)
        bar.update(sending, total=report.events)
