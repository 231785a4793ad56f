"""Record: a form, a report or a register entry was written, and somebody looked it through.

Stream: that of what the record is about; else `record/<id>`. Forms are codes of the tenant's list.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events.archive import Defect
from onrecord_events.base import Code, Count, Event, Ref
from onrecord_events.period import Period


class Filed(Event):
    """A record exists now: what is filled in and enclosed is listed, what it says stays with its keeper."""

    TYPE: ClassVar[str] = "record.filed"

    form: Code
    by: Ref | None = None
    kind: Code | None = None
    filled: tuple[Code, ...] = ()
    """The parts that are filled in; a checklist says which must be (CC13-C11, RE-REG-1)."""
    papers: tuple[Code, ...] = ()
    """What is enclosed (CC02-D1-list, CC13-G8b)."""
    period: Period | None = None
    count: Count = 1
    about: Ref | None = None
    customer: Ref | None = None
    complete: bool | None = None


class Checked(Event):
    """Somebody looked a record through and says what is wrong with it (CC02-D2-list, CC04-08)."""

    TYPE: ClassVar[str] = "record.checked"

    form: Code
    by: Ref | None = None
    person: Ref | None = None
    """Whose record it is: who answers for what is missing."""
    missing: Annotated[int, Field(ge=0, le=10_000)] = 0
    defects: tuple[Defect, ...] = ()
    passed: bool = True
    about: Ref | None = None
