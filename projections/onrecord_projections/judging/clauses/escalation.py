"""Escalation clauses: so many of one thing change another."""

from typing import Literal, Self

from pydantic import Field, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Name, Selectors


class EscalationClause(Executable):
    """So many of one event change a fact of the case."""

    kind: Literal["escalation"]
    counts: Selectors
    resets_on: Selectors = ()
    """What makes it count from nought again."""
    times: int | None = Field(default=None, ge=1)
    times_reading: str | None = None
    distinct_field: Name | None = None
    """Count different values of this field, such as `by`, not events."""
    becomes: dict[str, bool | int | str] = Field(min_length=1, max_length=1)

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if (self.times is None) == (self.times_reading is None):
            raise ValueError("give either the number of `times` or the `times_reading` that says it")
        return self
