"""Parts: what clauses are made of. Selectors, owners, form checks, pauses: equality and names, no conditions.

A selector picks events by type and equality on coded fields, or the moment a fact of the case becomes a
value. Anything more is a function with a name.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Duration = Annotated[str, Field(strict=True)]
"""Text such as `PT24H`: a bare number has no unit and is refused."""


def _values(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


Coded = Annotated[tuple[bool | int | str, ...], BeforeValidator(_values)]
"""One value, or a list of which any will do."""


class Checked(BaseModel):
    """Frozen, and a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Selector(Checked):
    """Which events: a type, equality on fields of its body, equality on facts of the case."""

    event: str = ""
    where: dict[str, Coded] = {}
    unless: dict[str, Coded] = {}
    facts: dict[str, Coded] = {}
    becomes: dict[str, Coded] = {}
    """Instead of a type: the instant at which this fact of the case takes this value."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.event) == bool(self.becomes):
            raise ValueError("name either an `event`, or what `becomes` so")
        if len(self.becomes) > 1 or (self.becomes and (self.where or self.unless)):
            raise ValueError("`becomes` names one fact, alone or with `facts`")
        return self


def _selector(value: Any) -> Any:
    return {"event": value} if isinstance(value, str) else value


def _selectors(value: Any) -> Any:
    return [_selector(item) for item in _values(value)]


One = Annotated[Selector, BeforeValidator(_selector)]
Selectors = Annotated[tuple[Selector, ...], BeforeValidator(_selectors)]


class OwnedBy(Checked):
    """Who owes: the person a field of the case names, perhaps only when other facts hold."""

    field: Name
    facts: dict[str, Coded] = {}


def _owners(value: Any) -> Any:
    return [{"field": item} if isinstance(item, str) else item for item in _values(value)]


Owners = Annotated[tuple[OwnedBy, ...], BeforeValidator(_owners)]


class FormCheck(Checked):
    """What a stop must look like: the field one of some values, or the person another field names."""

    finding: Name
    field: Name
    one_of: Coded = ()
    same_as: Name | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.one_of) == bool(self.same_as):
            raise ValueError("give either `one_of` values or the field it must be the `same_as`")
        return self


class Pause(Checked):
    """One cause for which time does not count; several causes at once count once."""

    cause: Name
    begins_on: Selectors
    ends_on: Selectors


class OnBreach(Checked):
    """What a breach changes by itself: a fact of the case, at the breach instant."""

    becomes: dict[str, bool | int | str] = Field(min_length=1, max_length=1)


class Switch(Checked):
    """The clause holds only under this value of a reading."""

    reading: str
    value: str


class Example(Checked):
    """A worked example: what was logged, when we look, what must come out."""

    name: Words
    log: tuple[str, ...]
    as_of: str
    expect: str
    readings: dict[str, str] = {}
    numbers: dict[str, str] = {}


class Quantity(Checked):
    """How many of what an event shows, by a function with a name."""

    function: Literal["papers-of-kind"]
    field: Name
    kinds: tuple[str, ...] = Field(min_length=1)
