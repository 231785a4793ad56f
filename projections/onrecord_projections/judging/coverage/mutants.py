"""Mutants: a clause left out, or with one of its numbers changed by one. Each must make an example fail."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from onrecord_projections.judging.clauses import Clause

NOT_NUMBERS = frozenset({"example", "where", "unless", "facts", "becomes", "same_as", "switch", "suggested"})
"""Under these keys stand codes and texts."""

_READ: TypeAdapter[Clause] = TypeAdapter(Clause)
_DURATION = re.compile(r"(-?P(?:T)?[0-9A-Z]*?)(\d+)([YMDHS])$")
_MONTH_DAY = re.compile(r"\d\d-\d\d$")
_LEAP_YEAR = 2024
_ANY_DAY = date(_LEAP_YEAR, 1, 1)


class Mutant(NamedTuple):
    """A clause changed in one place; None: it is left out."""

    what: str
    clause: Clause | None


def mutants(clause: Clause) -> Iterator[Mutant]:
    """The clause left out, then each of its numbers one up and one down, as far as that is still a clause."""
    yield Mutant("left out", None)
    body = clause.model_dump(mode="python", by_alias=True, exclude_unset=True)
    for path, value in _numbers(body):
        for changed in _beside(value):
            try:
                other = _READ.validate_python(_with(body, path, changed))
            except ValidationError:
                continue
            if other != clause:
                yield Mutant(f"{'.'.join(map(str, path))} = {changed} instead of {value}", other)


def _numbers(body: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            if key not in NOT_NUMBERS:
                yield from _numbers(value, (*path, key))
    elif isinstance(body, list | tuple):
        for nth, value in enumerate(body):
            yield from _numbers(value, (*path, nth))
    elif _moves(body) is not None:
        yield path, body


def _beside(value: Any) -> Iterator[Any]:
    move = _moves(value)
    assert move is not None
    yield from (move(value, step) for step in (1, -1))


def _moves(value: Any) -> Callable[[Any, int], Any] | None:
    """How a value of this form is changed by one; None if it is no number."""
    if isinstance(value, str):
        forms = ((_DURATION, _longer), (_MONTH_DAY, _next_day))
        return next((move for form, move in forms if form.fullmatch(value)), None)
    return (
        None if isinstance(value, bool) else next((m for kind, m in _MOVES if isinstance(value, kind)), None)
    )


def _last_digit_on(number: Decimal, step: int) -> Decimal:
    return number + step * Decimal(1).scaleb(int(number.as_tuple().exponent))


def _a_second_on(at: time, step: int) -> time:
    return (datetime.combine(_ANY_DAY, at) + timedelta(seconds=step)).time()


_MOVES: tuple[tuple[type, Callable[[Any, int], Any]], ...] = (
    (int, operator.add),
    (Decimal, _last_digit_on),
    (time, _a_second_on),
)


def _longer(duration: str, step: int) -> str:
    found = _DURATION.fullmatch(duration)
    assert found is not None
    return f"{found[1]}{int(found[2]) + step}{found[3]}"


def _next_day(month_day: str, step: int) -> str:
    month, day = map(int, month_day.split("-"))
    return f"{date(_LEAP_YEAR, month, day) + timedelta(days=step):%m-%d}"


def _with(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    head, *rest = path
    if isinstance(body, Mapping):
        return {**body, str(head): _with(body[str(head)], tuple(rest), value)}
    assert isinstance(head, int)
    return [_with(item, tuple(rest), value) if nth == head else item for nth, item in enumerate(body)]
