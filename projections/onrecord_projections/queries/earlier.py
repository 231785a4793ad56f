"""Earlier: the periods a figure is held against: the one before it (环比), the same a year before (同比)."""

from datetime import timedelta
from typing import Literal, NamedTuple

import msgspec

from onrecord_projections.judging.figures import days_of, period_of, span_of
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.telling import Span
from onrecord_projections.queries.view import View

_DIGITS = 4
Absent = Literal["no-data", "hidden", "not-reached", "not-offered"]
"""Why there is no number: nothing to count; too few to show; more than that are open still; not by this."""


class Compared(msgspec.Struct, frozen=True):
    """The same figure of an earlier period, and how far it moved since."""

    period: str
    value: float
    change: float
    """Now less then, in the figure's own unit."""
    ratio: float | None
    """The change as a part of the earlier value; None where that was nought."""


class Stretch(NamedTuple):
    """A period by its name, with its instants."""

    period: str
    span: Span


class Stretches(NamedTuple):
    """The period asked about, and the earlier ones that there are."""

    now: Stretch
    before: Stretch | None
    year_before: Stretch | None

    @property
    def listed(self) -> list[Stretch]:
        """Each once."""
        return list(dict.fromkeys(each for each in self if each is not None))


def stretches_of(view: View, period: str) -> Stretches:
    """A period with those before it. Raises BadQuestion."""
    try:
        first, _, every = days_of(period)
    except ValueError as error:
        raise BadQuestion(f"period: {error}") from None
    before = period_of(first - timedelta(days=1), every)
    now = _stretch(view, period)
    assert now is not None, "its days are known"
    return Stretches(now, _stretch(view, before), _stretch(view, f"{first.year - 1:04}{period[4:]}"))


def compared(now: float | None, then: float | None, stretch: Stretch | None) -> Compared | None:
    """How a figure moved; nothing where either is not shown, or there is no such period."""
    if now is None or then is None or stretch is None:
        return None
    change = now - then
    ratio = round(change / then, _DIGITS) if then else None
    return Compared(stretch.period, then, round(change, _DIGITS), ratio)


def _stretch(view: View, period: str) -> Stretch | None:
    """None of a 29 February or a 53rd week that another year does not have."""
    try:
        return Stretch(period, Span(*span_of(period, view.zone)))
    except ValueError:
        return None
