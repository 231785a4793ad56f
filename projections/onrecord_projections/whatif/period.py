"""Period: what belongs to the days a what-if asks about, `[begin, end)`.

A clock belongs to a period in which something of it lies: it started then, fell due, broke or stopped. So a
promise of May counts in June if June is when it fell due, was broken or was kept, and one that was made, due
and done in May does not. A clock that belongs to it under one of the two settings is compared under both.

A penalty line belongs to the period its own instant lies in (the breach, reading R6); what it costs follows
from everything it is counted with, such as the rest of the person's month, in the period or not.
"""

from datetime import datetime

import msgspec

from onrecord_projections.judging import Clock
from onrecord_projections.judging.run import SECOND


class Period(msgspec.Struct, frozen=True):
    """From the first instant up to, not including, the second."""

    begin: datetime
    end: datetime

    def __post_init__(self) -> None:
        assert self.begin < self.end, "a period has a length"

    def holds(self, at: datetime | None) -> bool:
        """Whether this instant lies in it."""
        return at is not None and self.begin <= at < self.end

    def holds_clock(self, clock: Clock) -> bool:
        """Whether something of this clock lies in it."""
        due = clock.due_at
        return (
            self.holds(clock.started_at)
            or self.holds(due)
            or self.holds(clock.stopped_at)
            or (clock.state == "breached" and due is not None and self.holds(due + SECOND))
        )
