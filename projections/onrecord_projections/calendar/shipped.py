"""Shipped calendars: those that come with the product, as the text an event can carry."""

from importlib.resources import files

from onrecord_projections.calendar.spans import CalendarError

_FOLDER = files("onrecord_projections") / "calendars"


def shipped(calendar_id: str) -> str:
    """The TOML text of a shipped calendar; fits as the `resolve` of `Calendar.parse`."""
    if calendar_id not in shipped_ids():
        raise CalendarError(f"extends: no shipped calendar {calendar_id!r}; there are {shipped_ids()}")
    return (_FOLDER / f"{calendar_id}.toml").read_text(encoding="utf-8")


def shipped_ids() -> list[str]:
    """The ids of all shipped calendars, in order."""
    names = (item.name for item in _FOLDER.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))
