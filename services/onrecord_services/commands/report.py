"""onrecord report: a report of a running site as a file, and the event that it was made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from psycopg import AsyncConnection
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from onrecord_events.report import Produced as ProducedEvent
from onrecord_services.commands.common import DEFAULT, Data, err, fail, out, run, site_of
from onrecord_services.commands.decisions import event, hand_in
from onrecord_services.door import TurnedAway
from onrecord_services.keystore import KeyStore
from onrecord_services.reports.parameters import Parameters
from onrecord_services.reports.produce import Produced, produce
from onrecord_services.reports.sheet import Given, Lang, Mark, Personal
from onrecord_services.reports.shelf import REPORTS
from onrecord_services.site import Site


def report(
    name: Annotated[str | None, typer.Argument(help="Which; --list names them.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Name every report, with what it takes.")] = False,
    tenant: Annotated[str, typer.Option(help="Whose.")] = "main",
    period: Annotated[str | None, typer.Option(help="2026-06, 2026-Q2 or 2026.")] = None,
    case: Annotated[str | None, typer.Option(help="KIND/ID, such as complaint/CP-2026-0013.")] = None,
    person: Annotated[str | None, typer.Option(help="Whose penalties; with --period.")] = None,
    line: Annotated[str | None, typer.Option(help="A penalty line's id.")] = None,
    days: Annotated[int | None, typer.Option(help="The next so many days.")] = None,
    as_of: Annotated[str | None, typer.Option(help="What was true then: RFC 3339, with its offset.")] = None,
    known_at: Annotated[str | None, typer.Option(help="As it was known then: RFC 3339.")] = None,
    format_: Annotated[str, typer.Option("--format", help="xlsx, csv or pdf.")] = "xlsx",
    file: Annotated[
        Path | None, typer.Option("--out", help="Where to; a name of its own if left out.")
    ] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    data: Data = DEFAULT,
) -> None:
    """Print or export a report; who ran which, and what it came to, goes on record."""
    if lang not in {"zh", "en"}:
        fail("--lang is zh or en")
    said: Lang = "en" if lang == "en" else "zh"
    if list_ or name is None:
        _list(said)
        return
    asked = Parameters(
        period=period,
        case=case,
        person=person,
        line=line,
        days=days,
        as_of=_instant(as_of, "--as-of"),
        known_at=_instant(known_at, "--known-at"),
    )
    made = run(_report(site_of(data), tenant, name, asked, format_, said))
    path = file or Path(made.file_name)
    path.write_bytes(made.content)
    out.print(
        f"{path}: {made.event.rows} rows, position {made.event.position}, {made.event.report_id}",
        markup=False,
        soft_wrap=True,
    )


def _list(lang: Lang) -> None:
    table = Table(box=None)
    for heading in ("name", "title", "form", "takes", "clauses"):
        table.add_column(heading, no_wrap=heading == "name", overflow="fold")
    for each in REPORTS.values():
        cells = (each.name, each.title.of(lang), each.number or "", each.takes.said(), ", ".join(each.cites))
        table.add_row(*map(escape, cells))
    out.print(table)


async def _report(site: Site, tenant: str, name: str, asked: Parameters, fmt: str, lang: Lang) -> Produced:
    async def append(stream: str, body: ProducedEvent) -> None:
        """On record before anybody has the file; each run is an act of its own."""
        acted = f"{body.report_id} {fmt} {lang} {datetime.now(UTC).isoformat()}"
        told = event(body.TYPE, stream, acted, body.model_dump(mode="json", exclude_none=True))
        for refusal in await hand_in(site, tenant, [told]):
            raise TurnedAway(f"not on record: {refusal.reason} {refusal.where}")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(name, total=None)

        def tell(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        with closing(KeyStore.open(Path(site.keys_dir), tenant)) as keys:
            async with _reading(site) as rows:
                given = _given(keys)
                return await produce(rows, append, tenant, name, asked, fmt, lang, given=given, progress=tell)


@asynccontextmanager
async def _reading(site: Site) -> AsyncIterator[AsyncConnection[Any]]:
    url = site.postgres["onrecord_reader"]
    rows = await psycopg.AsyncConnection.connect(url, autocommit=True, application_name="onrecord report")
    try:
        yield rows
    finally:
        await rows.close()


def _given(keys: KeyStore) -> Given:
    """Nothing is opened here; but of whom the key is destroyed, the paper says so."""

    def mark(field: Personal) -> Mark:
        return Mark.SEALED if keys.key_if_any(str(field.sealed["key"])) else Mark.ERASED

    return mark


def _instant(said: str | None, option: str) -> datetime | None:
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        fail(f"{option}: not an instant with its offset, such as 2026-07-01T00:00:00+08:00")
    return at
