"""Report: what differs, as JSON for machines and as a table that Excel opens.

Neither says how many processes worked or how long it took: the same question gives the same bytes.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from onrecord_projections.whatif import ClockDifference, LineDifference, Tally
from onrecord_services.whatif.run import Outcome
from onrecord_services.whatif.words import Lang, say

_encode = msgspec.json.Encoder(decimal_format="string", order="deterministic").encode

COLUMNS = (
    "what", "kind", "case", "clause", "person", "month", "state-before", "state-after",
    "due-before", "due-after", "stopped-before", "stopped-after", "owed-before", "owed-after", "currency",
)  # fmt: skip


def write_json(outcome: Outcome, path: Path) -> None:
    """All of it; the lists flow through, however long they are."""
    head = {
        "tenant": outcome.tenant,
        "position": outcome.position,
        "as_of": outcome.as_of,
        "from": outcome.period.begin,
        "to": outcome.period.end,
        "changes": outcome.changes,
        "overall": outcome.totals.overall(),
        "clauses": _named("clause", outcome.totals.by_clause()),
        "persons": _named("person", outcome.totals.by_person()),
    }
    with path.open("wb") as file:
        file.write(_encode(head)[:-1])
        _list(file, "clocks", outcome.clocks())
        _list(file, "lines", outcome.lines())
        file.write(b"}\n")


def write_csv(outcome: Outcome, path: Path, lang: Lang) -> None:
    """One row a clock or line that differs; UTF-8 with its mark, so that Excel reads Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writerow({column: say(lang, column) for column in COLUMNS})
        for clock in outcome.clocks():
            writer.writerow(_cells(outcome, clock_row(clock, lang)))
        for line in outcome.lines():
            writer.writerow(_cells(outcome, line_row(line, lang)))


def clock_row(difference: ClockDifference, lang: Lang) -> dict[str, Any]:
    """What there is to say of one clock, by column."""
    clock = difference.clock
    row: dict[str, Any] = {
        "what": say(lang, difference.what),
        "kind": say(lang, "clock"),
        "case": clock.case,
        "clause": clock.clause,
        "person": clock.owner,
    }
    for side, seen in (("before", difference.before), ("after", difference.after)):
        if seen is not None:
            row[f"state-{side}"] = say(lang, seen.state)
            row[f"due-{side}"] = seen.due_at
            row[f"stopped-{side}"] = seen.stopped_at
    return row


def line_row(difference: LineDifference, lang: Lang) -> dict[str, Any]:
    """What there is to say of one penalty line, by column."""
    line = difference.shown.line
    row: dict[str, Any] = {
        "what": say(lang, difference.what),
        "kind": say(lang, "line"),
        "case": line.case,
        "clause": line.clause,
        "person": line.person,
        "month": line.month,
        "currency": line.currency,
    }
    for side, seen in (("before", difference.before), ("after", difference.after)):
        if seen is not None:
            row[f"state-{side}"] = say(lang, seen.state)
            row[f"owed-{side}"] = seen.owed
    return row


def moment(outcome: Outcome, value: Any) -> str:
    """A value as people read it; an instant on the tenant's walls."""
    return (
        f"{value.astimezone(outcome.zone):%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
    )


def _named(name: str, tallies: dict[str, Tally]) -> list[dict[str, Any]]:
    return [{name: key, **msgspec.to_builtins(tally)} for key, tally in tallies.items()]


def _list(file: IO[bytes], name: str, items: Iterable[Any]) -> None:
    file.write(b',\n"%s":[' % name.encode())
    for line in _separated(items):
        file.write(line)
    file.write(b"]")


def _separated(items: Iterable[Any]) -> Iterator[bytes]:
    between = b"\n"
    for item in items:
        yield between + _encode(item)
        between = b",\n"


def _cells(outcome: Outcome, row: dict[str, Any]) -> dict[str, str]:
    return {name: _cell(outcome, value) for name, value in row.items() if value is not None}


def _cell(outcome: Outcome, value: Any) -> str:
    """No text that a spreadsheet would compute (OWASP, CSV injection)."""
    text = moment(outcome, value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
