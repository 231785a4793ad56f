"""Entries: every entry of the rule catalogue, and what the product owes it."""

from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

Owed = Literal["execute", "record", "prose"]


class Entry(NamedTuple):
    """One entry: `execute` if it states a time, an amount, a limit, ownership or an approval."""

    id: str
    pack: str
    owed: Owed


@cache
def entries() -> tuple[Entry, ...]:
    """All 717, in the order of the catalogue."""
    text = (files("onrecord_projections") / "rulebooks" / "catalogue.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(Entry(entry, pack, cast("Owed", owed)) for entry, pack, owed in rows)
