"""Figure: a number somebody hands in, where we do not count ourselves. Stream: `figure/<id>`."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events.base import Code, Event, Ref
from onrecord_events.period import Period


class Recorded(Event):
    """A score, a count, a rate: what is measured, of whom, for which period (AUTO-5.2-1c, CC14-2.0)."""

    TYPE: ClassVar[str] = "figure.recorded"

    figure: Code
    value: Annotated[Decimal, Field(max_digits=18, decimal_places=6, allow_inf_nan=False)]
    person: Ref | None = None
    about: Ref | None = None
    period: Period | None = None
