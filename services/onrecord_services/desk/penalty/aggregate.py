"""Penalty: the aggregate of one line: what may follow on what. Stream: `penalty/<line id>`.

Proposed, notified, perhaps appealed and rejected, approved, exported, reversed; an appeal that is upheld
waives the line; waived at any time before payroll had anything of it. Who may decide is for `who.py`.
"""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from onrecord_events.base import Event
from onrecord_events.envelope import New
from onrecord_services.desk.aggregates import Aggregate
from onrecord_services.desk.decision import Refused
from onrecord_services.desk.penalty.state import DROPPED, Line, evolve


class Penalty(Aggregate):
    """One line and what may be decided about it now. Methods answer whether anything is left to decide."""

    KIND: ClassVar[str] = "penalty"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.line = Line()

    def when(self, body: Event, new: New) -> None:
        """One event, after all that came before it."""
        self.line = evolve(self.line, body, new.actor, new.occurred_at)

    def may_notify(self, amount: Decimal) -> bool:
        """A proposal is told once; another amount is another proposal."""
        self._stands()
        if self.line.state == "appealed":
            raise Refused("appeal-not-decided")
        if self.line.state in ("approved", "exported") and self.line.amount == amount:
            return False
        return self.line.told is None or self.line.told.amount != amount

    def may_appeal(self, at: datetime) -> bool:
        """As long as the window is open, once."""
        self._stands()
        if self.line.state == "appealed":
            return False
        if self.line.state != "notified" or self.line.told is None:
            raise Refused("not-notified", state=self.line.state)
        until = self.line.told.until
        if until is None or at >= until:
            raise Refused("appeal-too-late", until=until.isoformat() if until else "never")
        return True

    def may_decide_appeal(self) -> bool:
        """One decision an objection."""
        if self.line.state in ("appeal-upheld", "appeal-rejected"):
            return False
        self._stands()
        if self.line.state != "appealed":
            raise Refused("no-appeal", state=self.line.state)
        return True

    def may_split(self) -> bool:
        """Only a proposal is split, and then everybody is told anew."""
        self._stands()
        if self.line.amount is not None:
            raise Refused("confirmed-already", amount=str(self.line.amount))
        if self.line.state not in ("proposed", "notified", "appeal-rejected"):
            raise Refused("appeal-not-decided", state=self.line.state)
        return True

    def may_approve(self, amount: Decimal, at: datetime) -> bool:
        """What the person was told and had time to object to, or less; again if the facts made it less."""
        self._stands()
        line = self.line
        if line.state in ("approved", "exported") and line.amount == amount:
            return False
        if line.told is None:
            raise Refused("not-notified", state=line.state)
        if line.state in ("appealed", "appeal-upheld"):
            raise Refused("appeal-not-decided" if line.state == "appealed" else "appeal-upheld")
        if amount > line.told.amount:
            raise Refused("more-than-notified", notified=str(line.told.amount), amount=str(amount))
        until = line.told.until
        if line.state == "notified" and until is not None and at < until:
            raise Refused("appeal-window-open", until=until.isoformat())
        return True

    def may_waive(self) -> bool:
        """At any time before payroll had anything of it."""
        if self.line.state == "waived":
            return False
        self._stands()
        if self.line.was_exported:
            raise Refused("exported-already")
        return True

    def may_reverse(self) -> bool:
        """What was confirmed is taken back; what payroll had of it comes back with the next export."""
        if self.line.state == "reversed":
            return False
        self._stands()
        if self.line.amount is None:
            raise Refused("not-confirmed", state=self.line.state)
        return True

    def _stands(self) -> None:
        if self.line.state in DROPPED:
            raise Refused("line-dropped", state=self.line.state)
