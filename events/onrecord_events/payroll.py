"""Payroll: a month's deductions go to payroll, and the month is locked. Stream: `payroll/<month>`.

Every part is one atomic batch with the events of its lines; what the parts say is the whole export, so its
files can be made again from here.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from onrecord_events.base import Code, Event, Money, Ref
from onrecord_events.pay import Signed
from onrecord_events.penalty import Digest
from onrecord_events.period import Month

Number = Annotated[int, Field(ge=0)]


class Row(BaseModel):
    """What one person bears of one line, and what became of it in this month."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Ref
    person: Ref
    month: Month | None = None
    """The month it was decided for."""
    clause: Ref
    edition: int
    cites: Annotated[str, Field(max_length=200)] = ""
    """The article, as the edition cites it."""
    currency: str
    amount: Signed
    """What was decided, less than nothing where money is given."""
    taken: Signed
    carried: Signed
    lapsed: Money
    lacks: Code | None = None
    """What was not on record, so that nothing could be taken."""


class Begun(Event):
    """The month is locked: from here on nothing is decided for it. The terms are fixed here as well."""

    TYPE: ClassVar[str] = "payroll.begun"

    month: Month
    cap_percent: Annotated[Money, Field(le=100)] | None = None
    """Of the month's wage; no more is taken in one month. None: the tenant has switched it off."""
    floor: Money | None = None
    """What of the month's wage must be left: the local minimum wage. None: switched off."""
    carry_over: bool = True


class PartExported(Event):
    """So many lines went through payroll, all of them or none."""

    TYPE: ClassVar[str] = "payroll.part-exported"

    month: Month
    part: Number
    rows: tuple[Row, ...]


class Exported(Event):
    """The export of the month is whole."""

    TYPE: ClassVar[str] = "payroll.exported"

    month: Month
    parts: Number
    rows: Number
    rows_sha256: Digest
    """Of the rows as JSON with sorted keys, one a line, in the order of the parts."""


class FileHandedOut(Event):
    """The export was written to a file. The same release makes the same bytes at any time."""

    TYPE: ClassVar[str] = "payroll.file-handed-out"

    month: Month
    format: Literal["xlsx", "csv", "json"]
    rows: Number
    file_sha256: Digest
    release: Ref
