"""Months: everybody's stories merged into one log, in the order in which they were entered.

Constant memory: a story leaves as soon as nothing that is still to begin can be entered before its events.
"""

import heapq
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count, islice
from typing import Any

from onrecord_services.simulate.chance import Chance
from onrecord_services.simulate.complaints import complaint
from onrecord_services.simulate.estate import Building, estate_of
from onrecord_services.simulate.orders import car, repair, service, talk, violation
from onrecord_services.simulate.policies import opening, reports
from onrecord_services.simulate.scripted import scripted
from onrecord_services.simulate.story import Arrival, Story
from onrecord_services.simulate.times import DAY, HOUR, MINUTE, date_of, midnight

Begin = Callable[[Chance, str, int, Building, list[Arrival]], None]

EARLIEST_BEFORE_START = 2 * MINUTE
"""A story's first event may lie this long before the instant it is said to begin."""

_MIX: tuple[tuple[float, Begin], ...] = (
    (0.48, complaint),
    (0.76, repair),
    (0.86, service),
    (0.92, talk),
    (0.98, car),
    (1.00, violation),
)
"""Shares of the kinds of story, each up to its number; about ten events a story on average."""
_HOURS = (8, 8, 9, 9, 9, 10, 10, 11, 12, 13, 14, 14, 15, 15, 16, 17, 18, 19, 19, 20, 20, 21, 22, 7)

MONTH_SEED = 2028
"""A month with something of everything in it."""

_MONTH = date(2026, 6, 1)
"""With the Dragon Boat holiday, 19 to 21 June."""
_YEARS_START = date(2024, 1, 1)
_YEARS_DAYS_MAX = 1_000
"""Up to September 2026, within what the shipped calendar knows."""


def simulate(
    seed: int, *, start: date = _MONTH, days: int = 30, buildings: int = 3, cases: int = 420
) -> Iterator[dict[str, Any]]:
    """Events of a carried log in the order of their recorded times, ended by a tick of the clock.

    Cases begin evenly over the days; what lies beyond the last day has not happened yet.
    """
    chance = Chance(seed)
    estate = estate_of(buildings)
    begin = midnight(start)
    end = begin + days * DAY
    return _in_order(_stories(chance, estate, begin, days, cases), end)


def month(seed: int = MONTH_SEED) -> Iterator[dict[str, Any]]:
    """June 2026 in three buildings, with a few scripted stories whose verdicts are known."""
    begin, days = midnight(_MONTH), 30
    chance = Chance(seed)
    estate = estate_of(3)
    told = _stories(chance, estate, begin, days, 420)
    return _in_order(_with_scripted(told, chance, estate), begin + days * DAY)


def many(events: int, seed: int = MONTH_SEED) -> Iterator[dict[str, Any]]:
    """So many events and no more, spread over months or years; for measurements."""
    cases = max(40, events // 8)
    days = min(max(30, cases // 100), _YEARS_DAYS_MAX)
    return islice(simulate(seed, start=_YEARS_START, days=days, cases=cases), events)


def _stories(
    chance: Chance, estate: tuple[Building, ...], begin: int, days: int, cases: int
) -> Iterator[tuple[int, list[Arrival]]]:
    """Stories in the order they begin; each with an instant before which nothing of it is entered."""
    first: list[Arrival] = []
    opening(begin, estate, first)
    yield begin, first
    number = 0
    for day in range(days):
        day_at = begin + day * DAY
        if day == 0 or date_of(day_at).day == 1:
            papers: list[Arrival] = []
            for building in estate:
                reports(chance, building, day_at, papers)
            yield day_at, papers
        todays = cases * (day + 1) // days - cases * day // days
        starts = sorted(
            day_at + chance.pick(_HOURS) * HOUR + chance.between(0, HOUR - 1) for _ in range(todays)
        )
        named = f"{date_of(day_at):%Y%m%d}"
        for at in starts:
            number += 1
            arrivals: list[Arrival] = []
            share = chance.draw()
            tell = next(story for up_to, story in _MIX if share < up_to)
            tell(chance, f"{named}-{number:04d}", at, chance.pick(estate), arrivals)
            yield at - EARLIEST_BEFORE_START, arrivals


def _with_scripted(
    stories: Iterator[tuple[int, list[Arrival]]], chance: Chance, estate: tuple[Building, ...]
) -> Iterator[tuple[int, list[Arrival]]]:
    """The scripted stories are known from the first instant on; the merge lets them out when they are due."""
    begin, first = next(stories)
    scripted(chance, estate, first)
    yield begin, first
    yield from stories


def _in_order(stories: Iterator[tuple[int, list[Arrival]]], end: int) -> Iterator[dict[str, Any]]:
    waiting: list[tuple[int, int, dict[str, Any]]] = []
    arrival = count()
    for begun_at, arrivals in stories:
        while waiting and waiting[0][0] < begun_at:
            yield heapq.heappop(waiting)[2]
        for recorded_at, event in arrivals:
            if recorded_at < end:
                heapq.heappush(waiting, (recorded_at, next(arrival), event))
    while waiting:
        yield heapq.heappop(waiting)[2]
    last: list[Arrival] = []
    tick = Story(Chance(0), "clock", "clock/tick", last)
    tick.tell(end, "clock.ticked", {}, entered_at=end)
    yield last[0][1]
