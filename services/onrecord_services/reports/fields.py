"""Fields: the lines of forms, made short."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from onrecord_services.reports.sheet import Cell, Column, Entry, Words


def text(key: str, name: Words, value: Cell) -> Entry:
    """What is shown as it is: an id, a person's pseudonym, a personal field."""
    return Entry(Column(key, name), value)


def code(key: str, name: Words, value: Cell, words: Mapping[str, Words]) -> Entry:
    """A code with its meaning."""
    return Entry(Column(key, name, "code", words), value)


def instant_of(key: str, name: Words, value: datetime | None) -> Entry:
    """When something happened, or is due."""
    return Entry(Column(key, name, "instant"), value)


def count(key: str, name: Words, value: int | None) -> Entry:
    """How many."""
    return Entry(Column(key, name, "count"), value)


def money(key: str, name: Words, value: Decimal | None) -> Entry:
    """An amount; its currency stands beside it."""
    return Entry(Column(key, name, "money"), value)
