"""Screen: a what-if in a page of text: all of it, by clause, by person, and the first cases."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from rich.console import Console
from rich.table import Table

from onrecord_projections.whatif import Tally
from onrecord_projections.whatif.totals import Moved, Side
from onrecord_services.whatif.report import clock_row, line_row, moment
from onrecord_services.whatif.run import Outcome
from onrecord_services.whatif.words import Lang, say

ROWS = 20
_OF_CLOCKS = ("case", "clause", "person", "what", "due-before", "state-before", "due-after", "state-after")
_OF_LINES = ("person", "month", "case", "clause", "what", "owed-before", "owed-after", "currency")


def show(out: Console, outcome: Outcome, lang: Lang) -> None:
    """Print it."""
    period = outcome.period
    out.print(say(lang, "title", moment(outcome, period.begin), moment(outcome, period.end)), style="bold")
    out.print(say(lang, "seen-from", outcome.tenant, f"{outcome.position:,}", moment(outcome, outcome.as_of)))
    overall = outcome.totals.overall()
    out.print(_tallies(lang, "overall", {outcome.tenant: overall}))
    if not overall.differs:
        out.print(say(lang, "same"))
        return
    out.print(_tallies(lang, "by-clause", outcome.totals.by_clause()))
    out.print(_tallies(lang, "by-person", outcome.totals.by_person()))
    clocks = (clock_row(difference, lang) for difference in outcome.clocks())
    lines = (line_row(difference, lang) for difference in outcome.lines())
    _listed(out, outcome, lang, _OF_CLOCKS, clocks, _count(overall.clocks))
    _listed(out, outcome, lang, _OF_LINES, lines, _count(overall.lines))


def _tallies(lang: Lang, title: str, tallies: Mapping[str, Tally]) -> Table:
    table = Table(title=say(lang, title), title_justify="left")
    table.add_column("")
    for word in ("clocks", "broken", "lines", "owed"):
        table.add_column(say(lang, word), justify="right")
    for name, tally in islice(tallies.items(), ROWS):
        was, now = tally.before, tally.after
        table.add_row(
            name,
            _moved(tally.clocks),
            _step(was.broken, now.broken),
            _moved(tally.lines),
            _step(_owed(was), _owed(now)),
        )
    if len(tallies) > ROWS:
        table.caption = say(lang, "more", f"{len(tallies) - ROWS:,}")
    return table


def _listed(
    out: Console,
    outcome: Outcome,
    lang: Lang,
    columns: tuple[str, ...],
    rows: Iterator[dict[str, Any]],
    count: int,
) -> None:
    if not count:
        return
    table = Table(*(say(lang, column) for column in columns))
    for row in islice(rows, ROWS):
        table.add_row(*(_cell(outcome, row.get(column)) for column in columns))
    out.print(table)
    if count > ROWS:
        out.print(say(lang, "more", f"{count - ROWS:,}"))


def _cell(outcome: Outcome, value: Any) -> str:
    return "–" if value is None else moment(outcome, value)


def _count(moved: Moved) -> int:
    return moved.added + moved.removed + moved.changed


def _moved(moved: Moved) -> str:
    """`+2 -1 ~3`: added, gone, changed."""
    signs = (("+", moved.added), ("-", moved.removed), ("~", moved.changed))
    return " ".join(f"{sign}{count:,}" for sign, count in signs if count) or "="


def _step(was: int | str, now: int | str) -> str:
    if was == now:
        return f"{was}"
    return f"{was} → {now}"


def _owed(side: Side) -> str:
    return ", ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(side.owed.items())) or str(
        Decimal(0)
    )
