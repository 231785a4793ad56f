"""Report: what was printed or exported, when it was asked for. Stream: `report/<name>`.

The file itself is not kept: the same report, parameters, position and release give the same bytes again, and
the two digests say whether a paper in somebody's hand is one of ours.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from onrecord_events.base import Code, Event, Ref
from onrecord_events.period import Period

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Produced(Event):
    """A report was made and handed out (RENT-CRM 2.6, CC03-27); who did is the envelope's actor."""

    TYPE: ClassVar[str] = "report.produced"

    report: Code
    report_id: Ref
    """Stands on every page."""
    period: Period | None = None
    case: Ref | None = None
    person: Ref | None = None
    penalty_line: Ref | None = None
    days: Annotated[int, Field(ge=1, le=366)] | None = None
    format: Literal["xlsx", "csv", "pdf"]
    lang: Literal["zh", "en"]
    as_of: AwareDatetime | None = None
    known_at: AwareDatetime | None = None
    position: Annotated[int, Field(ge=0)]
    """The last event the rows know."""
    rows: Annotated[int, Field(ge=0)]
    rows_sha256: Sha256
    """Of the rows alone: the same in every format, language and release."""
    file_sha256: Sha256
    release: Ref
