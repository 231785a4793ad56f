"""Period: the stretch of time that a duty or a report answers for, as one word."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
"""A calendar month, `2026-06`."""


def _exists(said: str) -> str:
    """Refuses a day or a week that no calendar has, such as `2026-02-30`."""
    if "W" in said:
        date.fromisocalendar(int(said[:4]), int(said[6:]), 1)
    elif len(said) == len("2026-06-12"):
        date.fromisoformat(said)
    return said


Period = Annotated[
    str,
    StringConstraints(
        pattern=r"^[1-9]\d{3}(-(H[12]|Q[1-4]|W(0[1-9]|[1-4]\d|5[0-3])|(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?))?$"
    ),
    AfterValidator(_exists),
]
"""A year, half-year, quarter, month, ISO week or day: `2026`, `2026-H1`, `2026-Q2`, `2026-06`, `2026-W24`,
`2026-06-12`. Two-monthly duties name the last month."""
