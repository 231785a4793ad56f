"""Stated: what every clause has, and what every clause with a verdict shows."""

from typing import Annotated

from pydantic import Field, StringConstraints

from onrecord_projections.judging.parts import Checked, Example, Name, Switch, Words


class Stated(Checked):
    """What every clause has: its id in the catalogue, where it stands, our own words for it."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    cites: Words
    says_en: Words
    says_zh: Words
    note: str = ""
    part_of: Name | None = None
    """The entry of the catalogue this is a part of, where one entry needs several clauses."""


class Executable(Stated):
    """A clause that yields verdicts, so it shows at least one."""

    example: tuple[Example, ...] = Field(min_length=1)
    switch: Switch | None = None
