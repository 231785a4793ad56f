"""Report: what became of every record, in numbers, and of each refused one, by its number.

No word of what a record said is in it: codes, record numbers and the names of fields.
"""

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from onrecord_services.importing.records import BadRecord

NAMED_MAX = 20
"""How many records of one reason are named on screen; the report file has them all."""


@dataclass
class Report:
    """The figures of one run."""

    records: int = 0
    events: int = 0
    accepted: int = 0
    already_there: int = 0
    without_event: int = 0
    last_record: str = ""
    refused: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self, bad: BadRecord) -> None:
        """Count it, and name it while there is room."""
        self.refused[bad.reason] += 1
        names = self.named.setdefault(bad.reason, [])
        if len(names) < NAMED_MAX:
            names.append(bad.name)

    def lines(self) -> list[str]:
        """The report in words."""
        told = [
            f"read: {self.records:,} records ({self.without_event:,} without event), {self.events:,} events",
            f"accepted: {self.accepted:,}, already there: {self.already_there:,}",
            f"refused: {self.refused.total():,}",
        ]
        for reason, count in sorted(self.refused.items()):
            more = " …" if count > NAMED_MAX else ""
            told.append(f"  {reason}: {count:,} (records {', '.join(self.named[reason])}{more})")
        return told


class RefusalFile:
    """A CSV of all refusals that opens in Excel; does nothing without a path."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = Path(self._path).open("w", encoding="utf-8-sig", newline="")
            self._row("record", "reason", "where")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, bad: BadRecord) -> None:
        """One line."""
        self._row(bad.name, bad.reason, bad.where)

    def _row(self, *cells: str) -> None:
        if self._file is not None:
            csv.writer(self._file).writerow([_harmless(cell) for cell in cells])


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula is marked as text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
