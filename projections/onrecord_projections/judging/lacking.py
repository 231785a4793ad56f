"""Lacking: a promise that no clock can hold yet, because the tenant has not given a number or a calendar."""

from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.run import Seen
from onrecord_projections.judging.verdict import Unmeasured


class Lacking:
    """One such promise of a case. What it is reported as is made when it changes, not at every look."""

    __slots__ = ("began", "case", "ended", "rule", "told", "why")

    def __init__(self, case: str, rule: Rule, why: str, began: Seen) -> None:
        self.case, self.rule, self.why, self.began = case, rule, why, began
        self.ended: Seen | None = None
        self.told = self._unmeasured()

    def end(self, seen: Seen) -> None:
        """What it asks for was done; how long that took is known."""
        self.ended = seen
        self.told = self._unmeasured()

    def _unmeasured(self) -> Unmeasured:
        rule, began, ended = self.rule, self.began, self.ended
        return Unmeasured(
            rule.pack,
            rule.edition,
            rule.id,
            self.case,
            began.id,
            "no-number" if self.why == "no-number" else "no-calendar",
            getattr(rule.clause, "suggested", None),
            began.at,
            ended.at if ended else None,
            ended.at - began.at if ended else None,
            (began.position, ended.position) if ended else (began.position,),
        )
