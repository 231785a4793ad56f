"""Retention clauses: what must be kept, and for how long."""

from typing import Literal, Self

from pydantic import model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.durations import Target, iso_target
from onrecord_projections.judging.parts import Duration, Owners, Selectors


class RetentionClause(Executable):
    """Something must be kept through the same date so many years or months later."""

    kind: Literal["retention"]
    starts_on: Selectors
    keep: Duration
    refuses: Selectors
    owner: Owners = ()

    @property
    def span(self) -> Target:
        """How long it is kept."""
        return iso_target(self.keep, "months" if "M" in self.keep else "years")

    @model_validator(mode="after")
    def _measurable(self) -> Self:
        _ = self.span
        return self
