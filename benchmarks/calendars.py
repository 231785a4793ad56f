"""What adding time costs, warm and on a fresh calendar: `python benchmarks/calendars.py`.

The span grows from a day to twenty years; the warm cost must not follow it. The file is not called
`calendar.py`: a script's folder comes first on the path, and the standard library needs its own `calendar`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from timeit import repeat

from onrecord_projections.calendar import Calendar, shipped

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 4, 2, 30, tzinfo=UTC)
OFFICE = (
    'id = "office"\nversion = "1"\nextends = "cn-state-council"\n'
    '[weekly]\nmon-fri = ["09:00-12:00", "13:30-18:00"]\n'
)
NIGHTS = 'id = "nights"\nversion = "1"\nzone = "Europe/Paris"\n[weekly]\nmon-sat = ["22:00-06:00"]\n'


def warm_us(ask: Callable[[], object], number: int = 10_000) -> float:
    """Best of five rounds, in microseconds a call."""
    ask()
    return min(repeat(ask, number=number, repeat=5)) / number * 1e6


def cold_ms(text: str, work: timedelta) -> float:
    """The first answer of a calendar nobody has asked before."""
    calendar = Calendar.parse(text, shipped)
    begin = perf_counter()
    calendar.add_working(START, work)
    return (perf_counter() - begin) * 1e3


def main() -> None:
    """Print one line a question."""
    for name, text, week in (("office", OFFICE, 37.5), ("nights", NIGHTS, 48)):
        calendar = Calendar.parse(text, shipped)
        for span, weeks in (("1 day", 0.2), ("1 year", 52), ("20 years", 1040)):
            work = week * weeks * HOUR
            warm = warm_us(partial(calendar.add_working, START, work))
            cold = cold_ms(text, work)
            print(f"{name}: add_working over {span:8} {warm:6.2f} us warm, {cold:6.2f} ms when new")
    office = Calendar.parse(OFFICE, shipped)
    later = START + 900 * HOUR
    questions: dict[str, Callable[[], object]] = {
        "working_between": lambda: office.working_between(START, later),
        "add_elapsed": lambda: office.add_elapsed(START, 12 * HOUR),
        "add_calendar_days": lambda: office.add_calendar_days(START, 10),
        "add_working_days": lambda: office.add_working_days(START, 10),
        "add_legal_days": lambda: office.add_legal_days(START, 15),
        "add_months": lambda: office.add_months(START, 3),
    }
    for name, ask in questions.items():
        print(f"office: {name:18} {warm_us(ask):6.2f} us")
    begin = perf_counter()
    Calendar.parse(OFFICE, shipped)
    print(f"office: read from text  {(perf_counter() - begin) * 1e3:6.2f} ms")


if __name__ == "__main__":
    main()
