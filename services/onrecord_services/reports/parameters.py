"""Parameters: what a report is asked about: a period, a case, a person's month, the next days."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import msgspec

from onrecord_projections.judging.figures import days_of
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.view import Times, View

Every = Literal["month", "quarter", "year"]
_SHAPES: dict[Every, str] = {
    "month": "a month such as 2026-06",
    "quarter": "a quarter such as 2026-Q2",
    "year": "a year such as 2026",
}
DAYS_MAX = 366
NAME_CHARS_MAX = 200


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked; None where nothing was said."""

    period: str | None = None
    case: str | None = None
    person: str | None = None
    line: str | None = None
    """Of a penalty: its id."""
    days: int | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None

    @property
    def times(self) -> Times:
        """What was true when, as known when."""
        return Times(self.as_of, self.known_at)


@dataclass(frozen=True)
class Takes:
    """What a report must and may be asked about."""

    period: tuple[Every, ...] = ()
    case: str | None = None
    """The kind of case, such as `complaint`."""
    line: bool = False
    """A penalty line, or a person's month of them."""
    days: int | None = None
    """The next so many days, unless another number is given."""

    def said(self) -> str:
        """In words, for a list of reports."""
        if self.line:
            return "--line ID, or --person P --period 2026-06"
        if self.case:
            return f"--case {self.case}/ID"
        if self.days:
            return f"--days {self.days}"
        return f"--period {' | '.join(_SHAPES[every].split()[-1] for every in self.period)}"

    def check(self, asked: Parameters) -> None:
        """Raises BadQuestion naming the parameter at fault and the form it takes."""
        self._refuse_more(asked)
        if self.line:
            if asked.line is None and (asked.person is None or asked.period is None):
                raise BadQuestion(f"line: the report takes {self.said()}")
            if asked.period is not None:
                _check_period(asked.period, ("month",))
        elif self.period:
            _check_period(asked.period, self.period)
        elif self.case is not None:
            _check_case(asked.case, self.case)

    def _refuse_more(self, asked: Parameters) -> None:
        known = {
            "period": bool(self.period) or self.line,
            "case": self.case is not None,
            "person": self.line,
            "line": self.line,
            "days": self.days is not None,
        }
        for name, takes in known.items():
            if getattr(asked, name) is not None and not takes:
                raise BadQuestion(f"{name}: nothing this report takes; it takes {self.said()}")
        if asked.days is not None and not 1 <= asked.days <= DAYS_MAX:
            raise BadQuestion(f"days: 1 to {DAYS_MAX}")


def _check_period(period: str | None, every: tuple[Every, ...]) -> None:
    shapes = " or ".join(_SHAPES[each] for each in every)
    if period is None:
        raise BadQuestion(f"period: is missing; the report takes {shapes}")
    try:
        found = days_of(period)[2]
    except ValueError:
        found = None
    if found not in every:
        raise BadQuestion(f"period: {period!r} will not do; the report takes {shapes}")


def _check_case(case: str | None, wanted: str) -> None:
    kind, _, name = (case or "").partition("/")
    if kind != wanted or not 0 < len(name) <= NAME_CHARS_MAX:
        raise BadQuestion(f"case: the report takes a case such as {wanted}/ID")


def span_of(view: View, period: str) -> tuple[datetime, datetime]:
    """The instants `[begin, end)` of a period that was checked, on the tenant's walls."""
    first, after, _ = days_of(period)
    return _midnight(first, view), _midnight(after, view)


def _midnight(day: date, view: View) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=view.zone)
