"""Penalty clauses: what is proposed for a finding or an act, in money or otherwise; rewards too.

What it costs is one price, or one price for each time (`step`). Money is an amount, a multiple or percentage
of the value the event names, or a share of the month's pay; a sanction is a code. Whatever comes on top of a
fine (a cost to be borne, a cancelled commission) is a clause of its own with `part_of`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from onrecord_projections.judging.clauses.price import PayShare, Price, Sanction, Step
from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Checked, Name, Owners, Quantity, Selectors

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Window = Literal["month", "year", "ever"]
LineKind = Literal["fine", "deduction", "cost", "charge", "reward", "allowance", "sanction", "forfeit"]
"""Fines, deductions, costs and charges are money owed; rewards and allowances are money given."""


class PenaltyClause(Executable, Price):
    """What one case, one item or one person is proposed to cost (or to be rewarded with)."""

    kind: Literal["penalty", "reward"]
    breach_of: str | None = None
    """The clock or duty whose breach it prices; who owes that one pays."""
    event: Selectors = ()
    finding_of: tuple[str, ...] = ()
    """Other clauses whose findings it prices: detections, or another penalty's `event`."""
    codes: tuple[Name, ...] = ()
    """Which findings of those clauses; without any, all of them."""
    charges: Literal["case", "event"] = "case"
    """Of an `event`: once a case however often it is seen, or every event of the case anew."""
    quantity: Quantity | None = None
    quantity_field: Name | None = None
    """The event's field that says how many."""
    value_field: Name | None = None
    """The event's field with the money that `times_value` and `percent_of_value` speak of; a clock names its
    own `value_field`, the event that starts it."""
    per: Literal["case", "item"] = "case"
    """item: as many times as the finding's quantity."""
    line: LineKind = "fine"
    """Without it: sanction where there is no money, reward where the kind is reward."""
    step: tuple[Step, ...] = ()
    """What the first, second, third time costs; after the last step the last one holds."""
    window: Window = "month"
    """Within what the times are counted; the month or year of the line."""
    counter: Name | None = None
    """Clauses with the same counter count their times together; without it, alone."""
    count_by: Literal["line", "case"] = "line"
    """What one time is: each act (or broken clock), whichever clauses found it; or a whole case."""
    from_nth: int = Field(default=1, ge=1)
    """Charges from this time on; the first step is for this time."""
    to_nth: int | None = Field(default=None, ge=1)
    """Charges up to this time; what comes then is for another clause with the same `counter`."""
    currency: Currency = "CNY"
    person: Owners = ()
    """Who pays for an `event`; without it, the event's field `person`."""
    among_field: Name | None = None
    """The event's field that lists who else is charged, besides the person."""
    among: Literal["equal", "each"] = "each"
    """Each pays the whole, or all pay equal shares of it."""
    charged_once_as: Name | None = None
    """Of clauses with the same word here only the first in the rulebook charges one act of one person."""
    once_a: Literal["act", "case"] = "act"
    """case: whatever a case shows against these clauses is charged once (CC13-E6)."""

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, said: Any) -> Any:
        if not isinstance(said, Mapping):
            return said
        filled = dict(said)
        if filled.get("event") and not filled.get("person"):
            filled["person"] = ["person"]
        if "line" not in filled:
            filled["line"] = _line_of(filled)
        return filled

    @model_validator(mode="after")
    def _one_cause(self) -> Self:
        if sum((self.breach_of is not None, bool(self.event), bool(self.finding_of))) != 1:
            raise ValueError(
                "give the clause it is a `breach_of`, an `event`, or clauses it is a `finding_of`"
            )
        if self.codes and not self.finding_of:
            raise ValueError("`codes` are those of `finding_of`")
        if self.once_a == "case" and self.charged_once_as is None:
            raise ValueError("`once_a` belongs to `charged_once_as`")
        own = (self.quantity, self.quantity_field, self.value_field, self.person, self.among_field)
        if not self.event and any(own):
            raise ValueError(
                "`quantity`, `value_field`, `person` and `among_field` are read from an `event`; "
                "of other clauses they come with the finding"
            )
        return self

    @model_validator(mode="after")
    def _one_quantity(self) -> Self:
        if self.quantity and self.quantity_field:
            raise ValueError("either a `quantity` or a `quantity_field`")
        named = self.quantity is not None or self.quantity_field is not None
        if named and self.per == "case":
            raise ValueError('per case has no quantity; say `per = "item"`')
        if self.per == "item" and not (named or self.finding_of):
            raise ValueError("per item needs a `quantity` or a `quantity_field`")
        return self

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if bool(self.step) == bool(self.moneys or self.sanction):
            raise ValueError(
                "say what it costs once: `amount`, `times_value`, `pay`, a `sanction`, or each `step`"
            )
        prices = self.prices
        if (self.line in ("sanction", "forfeit")) != (not any(price.moneys for price in prices)):
            raise ValueError("a line of money has money, and a `sanction` or `forfeit` line has none")
        if (self.line in ("reward", "allowance")) and self.kind != "reward":
            raise ValueError("what is given is of the kind reward")
        if self.event and not self.value_field and any(price.by_value for price in prices):
            raise ValueError("name the `value_field` it is a multiple or a percentage of")
        return self

    @model_validator(mode="after")
    def _times_in_order(self) -> Self:
        if self.to_nth is not None and self.to_nth < self.from_nth:
            raise ValueError("`to_nth` is not below `from_nth`")
        if self.to_nth is not None and len(self.step) > self.to_nth - self.from_nth + 1:
            raise ValueError("more steps than times")
        return self

    @property
    def prices(self) -> tuple[Price, ...]:
        """What it costs, time by time."""
        return self.step or (self,)

    @property
    def counted(self) -> bool:
        """Whether it matters the how-manieth time it is."""
        return bool(len(self.step) > 1 or self.counter or self.from_nth > 1 or self.to_nth)


class Then(Checked):
    """What the n-th case brings besides: a sanction, or a share of pay for a person to decide."""

    sanction: Sanction | None = None
    pay: PayShare | None = None
    again: bool = False
    """Proposed anew with every further case; otherwise once in the window."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.sanction is None) == (self.pay is None):
            raise ValueError("either a `sanction` or a share of `pay`")
        return self


class LadderClause(Executable):
    """From the n-th case of one person in a window on, fines are multiplied once, or more follows."""

    kind: Literal["ladder"]
    of: tuple[str, ...] = Field(min_length=1)
    """The penalties that count and are multiplied."""
    counts_too: tuple[str, ...] = ()
    """Penalties whose cases count, but whose amount stays."""
    own_cases: tuple[str, ...] = ()
    """Of all these, penalties of which every line is a case of its own (CC02-E10)."""
    from_nth: int = Field(ge=2)
    factor: int = Field(default=1, ge=1)
    then: Then | None = None
    window: Window = "month"
    count_by: Literal["case", "line", "item"] = "case"
    """What counts: cases, lines, or the items of the lines."""
    count_reading: str | None = None
    """The reading that says so instead (`case` or `line`)."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.factor == 1 and self.then is None:
            raise ValueError("a ladder has a `factor`, or says what comes `then`")
        return self


def _line_of(said: Mapping[str, Any]) -> LineKind:
    prices = said.get("step") or [said]
    keys = ("amount", "times_value", "percent_of_value", "pay", "tenant_amount")
    if not any(isinstance(price, Mapping) and price.get(key) for price in prices for key in keys):
        return "sanction"
    return "reward" if said.get("kind") == "reward" else "fine"
