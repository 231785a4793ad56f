"""Penalty: what people decided about a proposed line. Stream: `penalty/<line id>`.

The proposal itself is evaluated, never stored as an event. Each decision names what it was taken under.
"""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from onrecord_events.base import Code, Event, Money, Ref
from onrecord_events.pay import Signed
from onrecord_events.period import Month

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Decision(Event):
    """What every decision carries: the line as the decider saw it."""

    person: Ref
    clause: Ref
    edition: int
    amount: Money
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
    explanation_digest: Digest | None = None
    reason_code: Code | None = None
    line: Code | None = None
    """What kind of line it is: a fine, a cost, a reward."""
    month: Month | None = None
    """The month of pay it is decided for: the line's own, or a later one once that is locked."""
    role: Code | None = None
    """In which role it was decided, so that a rulebook can ask for one (CC02-E9)."""


class Notified(Decision):
    """The person was told of the proposal."""

    TYPE: ClassVar[str] = "penalty.notified"

    appeal_until: AwareDatetime | None = None
    """Until when the person may object, as he was told."""


class Appealed(Decision):
    """The person objects."""

    TYPE: ClassVar[str] = "penalty.appealed"


class AppealDecided(Decision):
    """The objection was decided."""

    TYPE: ClassVar[str] = "penalty.appeal-decided"

    upheld: bool


class Share(BaseModel):
    """What one person bears of a line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Ref
    amount: Money


class Split(Decision):
    """Several persons bear the line; all of them are told anew."""

    TYPE: ClassVar[str] = "penalty.split"

    shares: Annotated[tuple[Share, ...], Field(min_length=1, max_length=50)]


class Approved(Decision):
    """The named role confirmed the line."""

    TYPE: ClassVar[str] = "penalty.approved"


class Waived(Decision):
    """The line is dropped; its case counts no more on the ladder (CC02-E6a)."""

    TYPE: ClassVar[str] = "penalty.waived"


class Reversed(Decision):
    """An approved line was taken back."""

    TYPE: ClassVar[str] = "penalty.reversed"


class Through(Decision):
    """What payroll has when a line, or what one person bears of it, goes through it."""

    bearer: Ref | None = None
    """Whose pay it goes off, where others than the line's person bear it."""
    taken: Signed | None = None
    """What went off this month's pay; less than nothing where money is given or given back."""
    carried: Signed | None = None
    """What is left for the months to come (cap and floor)."""
    lapsed: Money | None = None
    """What is left and never taken, where the tenant carries nothing over."""
    whole: bool | None = None
    """Whether nothing of the line is left, whoever bears it."""


class Exported(Through):
    """The line went to payroll."""

    TYPE: ClassVar[str] = "penalty.exported"


class Settled(Through):
    """Payroll set right what it had taken for a line that was reversed since."""

    TYPE: ClassVar[str] = "penalty.settled"
