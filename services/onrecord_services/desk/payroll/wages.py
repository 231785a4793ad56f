"""Wages: what a month's pay was, as it is on record: the wage whole, else the parts of it that are known."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from onrecord_projections.queries.view import View
from onrecord_services.desk.decision import Command
from onrecord_services.desk.needs import QUESTIONS

Wages = Mapping[tuple[str, str], Decimal]
"""By person and currency."""
WHOLE = "month-wage"
_PAID = "SELECT person, pay, currency, amount FROM pays WHERE month = %s"


def wages_of(paid: Iterable[tuple[str, str, str, Decimal]]) -> Wages:
    """A part of a wage is less than the wage: to measure by it takes less, never more."""
    whole: dict[tuple[str, str], Decimal] = {}
    sums: dict[tuple[str, str], Decimal] = {}
    for person, pay, currency, amount in paid:
        key = person, currency
        if pay == WHOLE:
            whole[key] = amount
        else:
            sums[key] = sums.get(key, Decimal(0)) + amount
    return sums | whole


async def wages(view: View, command: Command) -> Wages:
    """Of everybody, in the month a command is about."""
    rows = await view.fetch(_PAID, (getattr(command, "month", ""),))
    return wages_of((person, pay, currency, amount) for person, pay, currency, amount in rows)


QUESTIONS["wages"] = wages
