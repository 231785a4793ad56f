"""Plain clauses: what no machine judges."""

from typing import Literal

from pydantic import Field

from onrecord_projections.judging.clauses.stated import Stated
from onrecord_projections.judging.parts import Name, Selectors


class ProseClause(Stated):
    """Nothing a machine could judge."""

    kind: Literal["prose"]


class SupportedClause(Stated):
    """Recorded by these events, judged by people."""

    kind: Literal["supported"]
    events: Selectors = Field(min_length=1)
    """Types, or types with codes: `{ event = "record.filed", where = { form = "visit-report" } }`."""


class RefersClause(Stated):
    """The same rule as an entry of another policy: whoever wants it adopts that one."""

    kind: Literal["refers"]
    pack: Name
    entry: Name
