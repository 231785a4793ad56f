"""Cells: a value as people read it, in their language, on the walls of the tenant's zone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from onrecord_services.reports.sheet import Cell, Column, Lang, Mark

_HOUR_S, _MINUTE_S = 3600, 60


def text_of(column: Column, value: Cell, lang: Lang, zone: ZoneInfo) -> str:
    """One cell as text; nothing where there is nothing."""
    match value:
        case Mark():
            return value.value.of(lang)
        case datetime():
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
        case timedelta():
            return hours(value)
        case _:
            return _plain(column, value, lang)


def _plain(column: Column, value: Cell, lang: Lang) -> str:
    if isinstance(value, Decimal):
        return _number(column, value)
    if isinstance(value, str) and column.words and value in column.words:
        return column.words[value].of(lang)
    return "" if value is None else str(value)


def hours(span: timedelta) -> str:
    """Hours, minutes and seconds, however many hours: `26:03:00`."""
    seconds = round(abs(span).total_seconds())
    sign = "-" if span < timedelta() else ""
    return f"{sign}{seconds // _HOUR_S}:{seconds // _MINUTE_S % 60:02}:{seconds % _MINUTE_S:02}"


def _number(column: Column, value: Decimal) -> str:
    if column.kind == "money":
        return f"{value:.2f}"
    if column.kind == "ratio":
        return f"{value * 100:.2f}%"
    return f"{value.normalize():f}" if value else "0"
