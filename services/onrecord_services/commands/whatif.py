"""onrecord whatif: what would the same events have come to under other rules? Changes nothing."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from onrecord_projections.whatif import BadChange, Changes
from onrecord_projections.whatif.changes import Text
from onrecord_services.commands.common import DEFAULT, Data, err, fail, out, run, site_of
from onrecord_services.whatif.report import write_csv, write_json
from onrecord_services.whatif.run import Asked, NothingToCompare, compared, cores
from onrecord_services.whatif.screen import show
from onrecord_services.whatif.words import Lang, say

Files = list[Path] | None
_FILE: dict[str, Any] = {"exists": True, "dir_okay": False}


def whatif_command(
    begin: Annotated[str, typer.Option("--from", help="The first day, such as 2026-06-01, or an instant.")],
    end: Annotated[str, typer.Option("--to", help="The day after the last one; not included.")],
    tenant: Annotated[str, typer.Option(help="Whose history.")] = "main",
    rulebook: Annotated[Files, typer.Option(help="A draft edition.", **_FILE)] = None,
    number: Annotated[
        list[str] | None, typer.Option(help="CLAUSE=VALUE, such as RENT-CRM-2.5=PT4H@cn-state-council.")
    ] = None,
    reading: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, such as r6.month=due.")] = None,
    calendar: Annotated[
        Files,
        typer.Option(help="A calendar in place of the one of its id; it may extend a shipped one.", **_FILE),
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Drafts hold from --from, not from their own first day.")
    ] = False,
    workers: Annotated[int, typer.Option(min=0, max=256, help="Processes; 0 is one a core.")] = 0,
    json: Annotated[Path | None, typer.Option(help="Write everything here, as JSON.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write every difference here; opens in Excel.")] = None,
    lang: Annotated[str, typer.Option(help="en or zh.")] = "en",
    data: Data = DEFAULT,
) -> None:
    """Replay a period under other rules: clocks and penalties that would be new, gone or different."""
    changes = Changes(
        rulebooks=_texts(rulebook),
        numbers=_pairs(number, "--number"),
        readings=_pairs(reading, "--reading"),
        calendars=_texts(calendar),
        from_start=from_start,
    )
    if not changes.any:
        fail("nothing to try out: give --rulebook, --number, --reading or --calendar")
    if lang not in {"en", "zh"}:
        fail("--lang is en or zh")
    said: Lang = "zh" if lang == "zh" else "en"
    asked = Asked(tenant, changes, begin, end)
    try:
        run(_what_if(site_of(data).postgres["onrecord_reader"], asked, workers or cores(), said, json, csv))
    except NothingToCompare as error:
        fail(str(error))
    except BadChange as error:
        for fault in error.faults:
            out.print(fault, markup=False, soft_wrap=True)
        fail(f"{len(error.faults)} to mend; nothing was tried out")


async def _what_if(
    url: str, asked: Asked, workers: int, lang: Lang, json: Path | None, csv: Path | None
) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(say(lang, "events"), total=None)

        def tell(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        async with compared(url, asked, processes=workers, progress=tell) as outcome:
            bar.stop()
            show(out, outcome, lang)
            if json:
                write_json(outcome, json)
            if csv:
                write_csv(outcome, csv, lang)


def _texts(files: Files) -> tuple[Text, ...]:
    return tuple(Text(str(file), file.read_text(encoding="utf-8")) for file in files or ())


def _pairs(said: list[str] | None, option: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in said or ():
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            fail(f"{option} {text}: not NAME=VALUE")
        pairs.append((name, value))
    return tuple(pairs)
