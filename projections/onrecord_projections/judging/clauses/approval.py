"""Approval clauses: what must have been agreed before something is done, and who may do it at all."""

from typing import Literal, Self

from pydantic import Field, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Checked, Coded, Name, Owners, Selectors


class Need(Checked):
    """Events that must be there, so many of them by different people."""

    on: Selectors = Field(min_length=1)
    times: int = Field(default=1, ge=1)
    distinct_field: Name | None = None
    """Count different values of this field, such as `by`."""


class ApprovalClause(Executable):
    """An act that is in order only after one of some sets of events; `ordered`: in that order."""

    kind: Literal["approval"]
    act: Selectors = Field(min_length=1)
    any_of: tuple[tuple[Need, ...], ...] = Field(min_length=1)
    """Alternatives; each is a list of needs that all must be met before the act."""
    ordered: bool = False
    same_day: bool = False
    """Only what happened on the act's own local day counts."""
    keyed_by: Name | None = None
    """Only events that name the same value here count."""
    resets_on: Selectors = ()
    """What makes earlier approvals void, such as a change of the order."""
    value_field: Name | None = None
    """The field of the act that names money, for penalties that speak of its value."""
    finding: Name
    person: Owners = ()


class Test(Checked):
    """Equality on the act and on the case."""

    where: dict[str, Coded] = Field(default_factory=dict)
    facts: dict[str, Coded] = Field(default_factory=dict)
    same_as: dict[str, Name] = Field(default_factory=dict)
    """A field of the act that equals a fact of the case, such as `by` the `accused`."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.where or self.facts or self.same_as):
            raise ValueError("a test names `where`, `facts` or `same_as`")
        return self


class AccessClause(Executable):
    """Who may do something: some of `allow` must hold if there are any, and none of `deny`."""

    kind: Literal["access"]
    act: Selectors = Field(min_length=1)
    allow: tuple[Test, ...] = ()
    deny: tuple[Test, ...] = ()
    finding: Name = "access-denied"
    person: Owners = ()

    @model_validator(mode="after")
    def _decides(self) -> Self:
        if not (self.allow or self.deny):
            raise ValueError("say whom it would `allow` or `deny`")
        return self
