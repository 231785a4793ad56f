"""Numbers: what a tenant may set where a clause states nothing. Each is text that names its own meaning.

A length of time (`3 working days`), an amount (`300.00`), a rhythm (`month`), bounds of classes
(`a>=90, b>=60`), or a list of codes (`id-card, contract`). Which one a clause asks for, its kind says.
"""

import re

from onrecord_projections.judging.durations import DurationError, worded_target

_OTHERS = (
    re.compile(r"\d{1,12}(\.\d{1,4})?"),
    re.compile(r"day|working-day|week|month|two-months|quarter|half-year|year"),
    re.compile(r"[a-z0-9][a-z0-9-]{0,39}>=\d+(\.\d+)?(, ?[a-z0-9][a-z0-9-]{0,39}>=\d+(\.\d+)?)*"),
    re.compile(r"[a-z0-9][a-z0-9-]{0,63}(, ?[a-z0-9][a-z0-9-]{0,63})+"),
)


def check_number(value: str, *, on_calendar: bool) -> None:
    """Raises DurationError if the text is nothing a clause could use."""
    if any(form.fullmatch(value.strip()) for form in _OTHERS):
        return
    try:
        worded_target(value, on_calendar=on_calendar)
    except DurationError as error:
        raise DurationError(
            f"{error}; a tenant's number is a time such as `3 working days`, an amount, a rhythm such as "
            "`month`, bounds such as `a>=90, b>=60`, or a list of codes"
        ) from None
