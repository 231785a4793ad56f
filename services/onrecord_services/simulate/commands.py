"""onrecord simulate: a log of any size out of a seed.

Out: JSON lines of CloudEvents with `recordedtime`, for a log whose clock is carried
Run: onrecord simulate --seed 7 --cases 1000 --days 60 --out month.jsonl
"""

import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from onrecord_services.simulate.month import MONTH_SEED, simulate

TOLD_EVERY_EVENTS = 5_000


def simulate_command(
    seed: Annotated[int, typer.Option(help="Same seed, same events.")] = MONTH_SEED,
    cases: Annotated[int, typer.Option(min=1, help="How many stories; each makes about ten events.")] = 420,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="Over how many days they begin.")] = 30,
    start: Annotated[str, typer.Option(help="The first day.")] = "2026-06-01",
    buildings: Annotated[int, typer.Option(min=1, max=40, help="How many buildings.")] = 3,
    out: Annotated[Path, typer.Option(help="Where to; - is the standard output.")] = Path("-"),
) -> None:
    """Write the events of a property manager who does not exist, as JSON lines."""
    first_day = _day(start)
    to_stdout = out == Path("-")
    with nullcontext(sys.stdout.buffer) if to_stdout else out.open("wb") as file:
        written = _write(file, seed, first_day, days, buildings, cases)
    Console(stderr=True).print(f"{written:,} events of {cases:,} stories over {days} days", highlight=False)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a day such as 2026-06-01", param_hint="--start") from None


def _write(file: BinaryIO, seed: int, start: date, days: int, buildings: int, cases: int) -> int:
    encode = msgspec.json.Encoder().encode
    bar = Progress(
        TextColumn("days simulated"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    written = 0
    with bar:
        task = bar.add_task("", total=days)
        for event in simulate(seed, start=start, days=days, buildings=buildings, cases=cases):
            file.write(encode(event) + b"\n")
            written += 1
            if written % TOLD_EVERY_EVENTS == 0:
                bar.update(task, completed=(date.fromisoformat(event["recordedtime"][:10]) - start).days)
        bar.update(task, completed=days)
    return written
