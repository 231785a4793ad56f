"""onrecord rulebook coverage: how every entry of the catalogue is carried, and the proof of it."""

import json
import random
from collections import Counter
from collections.abc import Iterable
from typing import Annotated

import msgspec
import typer
from rich.progress import track
from rich.table import Table

from onrecord_projections.judging import Rulebook, load, shipped_rulebooks
from onrecord_projections.judging.clauses import Clause
from onrecord_projections.judging.coverage import Covered, Survivor, coverage, entries, survivors
from onrecord_projections.judging.examples import examples_of
from onrecord_services.commands.common import err, fail, out

_SHORT = {"execute": "must be executed", "record": "must be on record", "prose": "must be named"}


def show_coverage(
    pack: Annotated[str, typer.Option(help="One policy only, such as cc13-sales.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON, for other programs.")] = False,
    prove: Annotated[
        bool, typer.Option(help="Leave out each clause and change each of its numbers: examples must fail.")
    ] = False,
    sample: Annotated[int, typer.Option(help="Prove so many clauses only, chosen by --seed.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Which sample; CI gives a new one each day.")] = 0,
) -> None:
    """How each entry of the catalogue is carried: executed, supported, waiting for a number, or prose."""
    books = _latest()
    listed = coverage(books, [entry for entry in entries() if pack in ("", entry.pack)])
    if not listed:
        fail(f"no policy {pack!r}; `onrecord rulebook list` names them")
    passed = list(_proved(books, pack, sample, seed)) if prove or sample else []
    if as_json:
        told = {"entries": msgspec.to_builtins(listed), "survivors": [str(item) for item in passed]}
        out.print_json(json.dumps(told, ensure_ascii=False))
    else:
        _show(listed, passed)
    short = [item for item in listed if not item.enough]
    if short or passed:
        fail(f"{len(short)} entries are carried by too little, {len(passed)} changes go unnoticed")


def _latest() -> dict[str, Rulebook]:
    """The latest shipped edition of each policy."""
    return {book.pack: book for book in map(load, shipped_rulebooks().values())}


def _proved(books: dict[str, Rulebook], pack: str, sample: int, seed: int) -> Iterable[Survivor]:
    asked: list[tuple[Rulebook, Clause]] = [
        (book, clause)
        for name, book in books.items()
        if pack in ("", name)
        for clause in book.clause
        if examples_of(clause)
    ]
    if sample:
        asked = random.Random(seed).sample(asked, min(sample, len(asked)))  # noqa: S311 - a sample, no secret
    for book, clause in track(asked, "proving clauses", console=err):
        yield from survivors(book, clause)


def _show(listed: list[Covered], passed: list[Survivor]) -> None:
    table = Table("entry", "policy", "state", "kinds", "shown by", box=None, pad_edge=False)
    for item in listed:
        shown = item.tests[0].partition(": ")[2] if item.tests else ""
        more = f" (+{len(item.tests) - 1})" if len(item.tests) > 1 else ""
        state = item.state if item.enough else f"{item.state}: {_SHORT[item.owed]}"
        kinds = ", ".join(item.kinds) + (f" as {item.refers_to}" if item.refers_to else "")
        table.add_row(item.entry, item.pack, state, kinds, shown + more, style=None if item.enough else "red")
    out.print(table)
    for survivor in passed:
        out.print(str(survivor), style="red", markup=False, soft_wrap=True)
    counted = Counter(item.state for item in listed)
    out.print(f"{len(listed)} entries: " + ", ".join(f"{n} {state}" for state, n in counted.most_common()))
