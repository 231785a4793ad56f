"""Grade clauses: which class somebody or something belongs to, by a number or by codes."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Checked, Coded, Name, Selectors


class Step(Checked):
    """A class: from this number on (inclusive), or for these codes."""

    grade: Name
    from_: Decimal | None = Field(default=None, alias="from")
    where: dict[str, Coded] = Field(default_factory=dict)


class GradeClause(Executable):
    """What an event shows puts its case into a class, kept as a fact of the case."""

    kind: Literal["grade"]
    event: Selectors = Field(min_length=1)
    value_field: Name | None = None
    sets: Name
    """The fact that holds the class from then on."""
    step: tuple[Step, ...] = ()
    """Without any, the steps are the tenant's number: `a>=90, b>=60, c>=0`."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        bounds = [step.from_ for step in self.step if step.from_ is not None]
        if bounds != sorted(bounds, reverse=True) or len(bounds) != len(set(bounds)):
            raise ValueError("steps go from the highest number down, each once")
        if bounds and self.value_field is None:
            raise ValueError("steps by number need the `value_field` they speak of")
        return self
