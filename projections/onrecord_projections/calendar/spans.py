"""Spans: stretches of real time between two instants, whatever zone they are written in.

Two aware datetimes of one zone are compared and subtracted by Python as wall-clock readings, which is wrong
in the hours around a change of offset. Here everything is first turned into microseconds since the epoch.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


class CalendarError(ValueError):
    """A calendar that cannot be used, or a question that no calendar can answer."""


def instant_of(moment: datetime) -> int:
    """Microseconds since the epoch; a moment that names no zone is refused, never guessed."""
    try:
        return (moment - EPOCH) // MICROSECOND
    except TypeError:
        raise CalendarError(f"{moment!r} names no time zone") from None


def moment_at(instant: int, zone: tzinfo) -> datetime:
    """The same instant as the zone's clocks show it."""
    try:
        return (EPOCH + instant * MICROSECOND).astimezone(zone)
    except OverflowError:
        raise CalendarError("the answer lies outside the years 1 to 9999") from None


def elapsed_between(a: datetime, b: datetime) -> timedelta:
    """Real time from `a` to `b`: an hour that the clocks repeat counts twice, one they skip not at all."""
    return timedelta(microseconds=instant_of(b) - instant_of(a))


def union_of(spans: Iterable[Span]) -> list[Span]:
    """The same time covered once, in order: overlapping or touching spans become one, empty ones vanish."""
    union: list[Span] = []
    for begin, end in sorted(spans, key=lambda span: instant_of(span[0])):
        _refuse_backward(begin, end)
        if union and instant_of(begin) <= instant_of(union[-1][1]):
            union[-1] = (union[-1][0], max(union[-1][1], end, key=instant_of))
        elif instant_of(begin) < instant_of(end):
            union.append((begin, end))
    return union


def resumed(
    start: datetime,
    amount: timedelta,
    pauses: Iterable[Span],
    counted: Callable[[datetime, datetime], timedelta],
) -> tuple[datetime, timedelta]:
    """From when, and how much, is left to count after the last pause before the amount runs out."""
    if amount < timedelta():
        raise CalendarError("pauses are known going forward only")
    for begin, end in union_of(pauses):
        if instant_of(end) <= instant_of(start):
            continue
        used = counted(start, max(begin, start, key=instant_of))
        if used >= amount:
            break
        start, amount = end, amount - used
    return start, amount


def started_days(episodes: Iterable[Span], excluded: Iterable[Span] = ()) -> int:
    """Every started 24 hours of an episode is a day; each episode is rounded up alone, then they are added.

    `excluded` is time that does not count within any episode, such as the transport of parts.
    """
    left_out = union_of(excluded)
    return sum(-(-_counted(episode, left_out) // DAY) for episode in episodes)


def _counted(episode: Span, left_out: list[Span]) -> timedelta:
    begin, end = episode
    _refuse_backward(begin, end)
    overlaps = ((max(begin, out[0], key=instant_of), min(end, out[1], key=instant_of)) for out in left_out)
    lost = sum((max(elapsed_between(a, b), timedelta()) for a, b in overlaps), timedelta())
    return elapsed_between(begin, end) - lost


def _refuse_backward(begin: datetime, end: datetime) -> None:
    if instant_of(end) < instant_of(begin):
        raise CalendarError(f"a span ends at {end.isoformat()}, before it begins at {begin.isoformat()}")
