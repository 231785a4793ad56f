"""Times of a simulation: whole seconds of the local clock (UTC+8, without summer time) since 1970-01-01."""

from datetime import date, datetime

MINUTE = 60
HOUR = 3_600
DAY = 86_400
OFFSET = "+08:00"

_EPOCH = date(1970, 1, 1).toordinal()
_CLOCK = [f"{s // HOUR:02d}:{s // MINUTE % 60:02d}:{s % 60:02d}{OFFSET}" for s in range(DAY)]
_DATES: dict[int, str] = {}

_OPENS, _CLOSES = 8 * HOUR, 21 * HOUR


def midnight(day: date) -> int:
    """The instant a local day begins."""
    return (day.toordinal() - _EPOCH) * DAY


def local(text: str) -> int:
    """The instant of a local date and time such as `2026-06-19T08:00:00`."""
    at = datetime.fromisoformat(text)
    return midnight(at.date()) + at.hour * HOUR + at.minute * MINUTE + at.second


def iso(at: int) -> str:
    """The instant as a publisher writes it."""
    day, second = divmod(at, DAY)
    if day not in _DATES:
        _DATES[day] = f"{date_of(at).isoformat()}T"
    return _DATES[day] + _CLOCK[second]


def date_of(at: int) -> date:
    """The local day of an instant."""
    return date.fromordinal(at // DAY + _EPOCH)


def awake(at: int) -> int:
    """The first instant from here on at which one may ring a customer: 8 to 21 o'clock."""
    second = at % DAY
    if second < _OPENS:
        return at - second + _OPENS + second % HOUR
    if second >= _CLOSES:
        return at - second + DAY + _OPENS + second % HOUR
    return at
