"""Reasons: why the desk says no, in both languages (`reasons.toml`)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_COMMON = "rulebooks"


def words_of(command: str, reason: str) -> Mapping[str, str]:
    """A reason by language: as the command's subject puts it, else as any does; nothing if nobody does."""
    tables = _tables()
    area = command.partition(".")[0]
    for name in (area, _COMMON, *sorted(tables)):
        if (words := tables.get(name, {}).get(reason)) is not None:
            return words
    return {}


@cache
def _tables() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads((files("onrecord_services.desk") / "reasons.toml").read_text(encoding="utf-8"))
