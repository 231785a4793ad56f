"""Rulebook: one edition of one policy, read from TOML. It is whole and sound, or it is refused whole."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, StringConstraints, ValidationError, field_validator

from onrecord_projections.judging.clauses import (
    Clause,
    FormClause,
    KpiClause,
)
from onrecord_projections.judging.faults import Fault, Places, RulebookError
from onrecord_projections.judging.parts import (
    Checked,
    FormCheck,
    Words,
)
from onrecord_projections.judging.pricing.tariff import Tariff
from onrecord_projections.judging.soundness import faults_of
from onrecord_projections.toml_text import read_toml

Pack = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Title(Checked):
    """The policy's name."""

    en: Words
    zh: Words


class Rulebook(Checked):
    """One edition: who it is, from when it holds, and its clauses in the order of the policy."""

    pack: Pack
    edition: int = Field(ge=1)
    effective_from: AwareDatetime | date
    zone: str = "Asia/Shanghai"
    calendar: str
    """The id of the working calendar its clauses count on, unless they name their own."""
    source: Words
    title: Title
    clause: tuple[Clause, ...] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _real_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError):
            raise ValueError(f"{zone!r} is not a time zone, such as Asia/Shanghai") from None
        return zone

    @property
    def effective_at(self) -> datetime:
        """The first instant it holds: of a date, midnight on the walls of its zone."""
        if isinstance(self.effective_from, datetime):
            return self.effective_from.astimezone(UTC)
        return datetime.combine(self.effective_from, time(), ZoneInfo(self.zone)).astimezone(UTC)

    @cached_property
    def forms(self) -> Mapping[str, tuple[tuple[str, FormCheck], ...]]:
        """What form clauses ask of the stops of other clauses, by the clause they speak of."""
        asked: dict[str, tuple[tuple[str, FormCheck], ...]] = {}
        for clause in self.clause:
            if isinstance(clause, FormClause):
                for name in clause.of:
                    asked[name] = (*asked.get(name, ()), *((clause.id, check) for check in clause.form))
        return asked

    @cached_property
    def tariff(self) -> Tariff:
        """What findings cost, and what is counted together."""
        return Tariff.of(self.clause)

    @cached_property
    def figures(self) -> tuple[KpiClause, ...]:
        """Clauses that ask for a rate."""
        return tuple(clause for clause in self.clause if isinstance(clause, KpiClause))


@lru_cache(maxsize=256)
def load(text: str, file_name: str = "rulebook") -> Rulebook:
    """The rulebook this text holds. Raises RulebookError with every fault found; nothing loads in part."""
    places = Places(text, file_name)
    rulebook = _read(text, places)
    found = list(faults_of(rulebook.clause, places))
    if found:
        raise RulebookError(found)
    return rulebook


def _read(text: str, places: Places) -> Rulebook:
    try:
        content = read_toml(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError([places.broken(error)]) from None
    try:
        return Rulebook.model_validate(content)
    except ValidationError as error:
        raise RulebookError(list(_shape_faults(error, content, places))) from None


def _shape_faults(error: ValidationError, content: dict[str, Any], places: Places) -> Iterator[Fault]:
    """One fault a place, in words a policy's author can act on."""
    details = error.errors(include_url=False)
    for detail in details:
        loc = detail["loc"]
        if detail["type"] == "too_short" and any(_lies_in(other["loc"], loc) for other in details):
            continue  # a list whose items are at fault counts as empty too
        message = detail["msg"].removeprefix("Value error, ")
        if loc[0] == "clause" and len(loc) > 1 and isinstance(loc[1], int):
            keys = [str(step) for step in loc[3:]]
            yield places.fault(
                loc[1], keys[0] if keys else None, _advice(keys, detail["type"], message), content
            )
        else:
            yield places.header(str(loc[0]), _advice([str(step) for step in loc], detail["type"], message))


def _lies_in(inner: tuple[object, ...], outer: tuple[object, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


_ADVICE = {
    "extra_forbidden": "no such key; look for a misspelling, or drop it",
    "missing": "missing; add it",
    "string_type": 'must be text in quotes; a length of time is "PT24H" or "P3D", never a bare number',
}


def _advice(keys: list[str], kind: str, message: str) -> str:
    words = _ADVICE.get(kind, message)
    if keys == ["example"] and kind in ("missing", "too_short"):
        words = "missing: every clause that yields a verdict shows at least one worked example"
    return f"{'.'.join(keys)}: {words}" if keys else words
