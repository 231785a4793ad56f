"""State: how far a month's export is, folded from `payroll/<month>`. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_events.payroll import Begun, Exported, FileHandedOut, PartExported, Row
from onrecord_services.desk.payroll.taking import Terms

_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True)
class Month:
    """One month's export."""

    terms: Terms | None = None
    """Fixed where it began; None: it has not."""
    position: int = 0
    """Where it began: the month is locked from there."""
    last_position: int = 0
    """Of the last thing payroll said of it."""
    rows: tuple[Row, ...] = ()
    parts: int = 0
    whole: Exported | None = None
    whole_at: Recorded | None = None
    """Where that was said."""
    files: tuple[FileHandedOut, ...] = ()


def folded(events: Iterable[Recorded]) -> Month:
    """A month by the events of its stream."""
    month = Month()
    for event in events:
        if event.type.startswith("payroll."):
            month = replace(_evolve(month, event), last_position=event.position)
    return month


def _evolve(month: Month, event: Recorded) -> Month:
    match event.body():
        case Begun() as begun:
            terms = Terms(begun.cap_percent, begun.floor, begun.carry_over)
            return replace(month, terms=terms, position=event.position)
        case PartExported() as part:
            return replace(month, rows=(*month.rows, *part.rows), parts=month.parts + 1)
        case Exported() as whole:
            return replace(month, whole=whole, whole_at=event)
        case FileHandedOut() as file:
            return replace(month, files=(*month.files, file))
        case _:
            return month


def rows_sha256(rows: Iterable[Row]) -> str:
    """Of the rows as JSON with sorted keys, one a line."""
    digest = sha256()
    for line in lines_of(rows):
        digest.update(line)
    return digest.hexdigest()


def lines_of(rows: Iterable[Row]) -> Iterator[bytes]:
    """Each row as its line."""
    return (_encode(row.model_dump(mode="json")) + b"\n" for row in rows)
