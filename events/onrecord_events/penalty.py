"""Penalty: what people decided about a proposed line. Stream: `penalty/<line id>`.

The proposal itself is evaluated, never stored as an event. Each decision names what it was taken under.
"""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from onrecord_events.base import Code, Event, Money, Ref

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


class Notified(Decision):
    """The person was told of the proposal."""

    TYPE: ClassVar[str] = "penalty.notified"


class Appealed(Decision):
    """The person objects."""

    TYPE: ClassVar[str] = "penalty.appealed"


class AppealDecided(Decision):
    """The objection was decided."""

    TYPE: ClassVar[str] = "penalty.appeal-decided"

    upheld: bool


class Approved(Decision):
    """The named role confirmed the line."""

    TYPE: ClassVar[str] = "penalty.approved"


class Waived(Decision):
    """The line is dropped; its case counts no more on the ladder (CC02-E6a)."""

    TYPE: ClassVar[str] = "penalty.waived"


class Reversed(Decision):
    """An approved line was taken back."""

    TYPE: ClassVar[str] = "penalty.reversed"


class Exported(Decision):
    """The line went to payroll."""

    TYPE: ClassVar[str] = "penalty.exported"
