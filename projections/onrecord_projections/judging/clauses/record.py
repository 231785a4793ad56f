"""Record clauses: papers and forms that must be there, and what they must look like."""

from typing import Literal, Self

from pydantic import Field, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import FormCheck, Name, Owners, Selectors


class RequiredClause(Executable):
    """A record, form or approval that must be there when something else happens."""

    kind: Literal["required"]
    needs: Selectors
    checked_on: Selectors
    finding: Name
    person: Owners = ()
    number_fact: Name | None = None
    """A fact of the case that says how many of `needs` there must be; each one lacking counts."""
    distinct_field: Name | None = None
    """Count different values of this field of `needs`, not events."""

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if self.distinct_field is not None and self.number_fact is None:
            raise ValueError("`distinct_field` counts towards a `number_fact`; name it")
        return self


class FormClause(Executable):
    """What the stops of other clauses must look like; time is judged apart."""

    kind: Literal["form"]
    of: tuple[str, ...] = Field(min_length=1)
    form: tuple[FormCheck, ...] = Field(min_length=1)


class ChecklistClause(Executable):
    """Papers that must be listed, or fields that must be filled in; each one lacking counts."""

    kind: Literal["checklist"]
    event: Selectors = Field(min_length=1)
    list_field: Name | None = None
    all_of: tuple[Name, ...] = ()
    """Codes that must stand in the list; without any, the tenant's number for this clause lists them."""
    filled: tuple[Name, ...] = ()
    """Fields that must be there."""
    finding: Name
    person: Owners = ()

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.list_field) == bool(self.filled):
            raise ValueError(
                "give either the `list_field` with `all_of` its codes, or the fields to be `filled`"
            )
        return self
