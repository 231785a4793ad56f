"""Memory: what a case's events came to so far, and the few ways in which it changes.

Who does what to it when is for `acts`; what it means is for `state`.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from onrecord_projections.judging.duties import Duties
from onrecord_projections.judging.lacking import Lacking
from onrecord_projections.judging.limit import Missing, limit_of
from onrecord_projections.judging.parts import Switch
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rule import Rule, holds
from onrecord_projections.judging.run import SECOND, Run, Seen
from onrecord_projections.judging.verdict import Finding


class CaseMemory:
    """The facts, clocks and findings of one case."""

    __slots__ = (
        "agreed",
        "alarm",
        "armed",
        "case",
        "causes",
        "changed_at",
        "duties",
        "facts",
        "fired_at",
        "found",
        "known_since",
        "lacking",
        "needs",
        "open",
        "pauses",
        "reported",
        "runs",
        "settings",
        "stops",
        "tallies",
    )

    def __init__(self, settings: Settings, case: str) -> None:
        self.settings, self.case = settings, case
        self.facts: dict[str, Any] = {}
        self.known_since: dict[str, datetime] = {}
        self.changed_at: dict[str, datetime] = {}
        self.runs: list[Run] = []
        self.open: dict[Rule, list[Run]] = {}
        self.causes: dict[Rule, dict[str, Seen]] = {}
        self.pauses: dict[Rule, list[tuple[Seen, Seen | None]]] = {}
        self.stops: dict[Rule, list[Seen]] = {}
        self.armed: list[Run] = []
        self.alarm: datetime | None = None
        self.fired_at: datetime | None = None
        """The last instant at which time itself acted."""
        self.found: list[Finding] = []
        self.lacking: list[Lacking] = []
        self.needs: set[Rule] = set()
        self.duties: dict[Rule, Duties] = {}
        """Only what somebody was ever given: many rules wait for the same everyday events in vain."""
        self.reported: dict[Rule, list[Seen]] = {}
        self.tallies: dict[Rule, list[object]] = {}
        self.agreed: dict[Rule, list[tuple[str, Seen]]] = {}

    def enter(self, run: Run) -> None:
        """A new clock; it is armed if time itself can act on it."""
        run.owner = self.owner_of(run.rule)
        self.runs.append(run)
        self.reenter(run)

    def reenter(self, run: Run) -> None:
        """A clock that was over goes on."""
        self.open.setdefault(run.rule, []).append(run)
        if run.rule.withdrawn or run.rule.migrated or run.rule.escalates is not None:
            self.armed.append(run)
            self.arm()

    def finish(self, run: Run, end: str, seen: Seen) -> None:
        """It is over, one way or another."""
        run.finish(end, seen, seen.at)
        self.open[run.rule] = [other for other in self.open[run.rule] if other is not run]
        if self.armed:
            self.armed = [other for other in self.armed if other is not run]
            self.arm()

    def migrate(self, run: Run, edition: int, seen: Seen) -> None:
        """Somebody moved running clocks to another edition; what was broken by then stays as it was."""
        run.migrated_at = seen.at
        old = run.rule
        rule = self.settings.index.rules.get((old.pack, edition, old.id))
        if run.late_at(seen.at):
            return
        if rule is None:
            self.finish(run, "withdrawn", seen)
            return
        limit = limit_of(rule, self.settings, run.started_at, run.marks[0].seen.data)
        if isinstance(limit, Missing):
            return
        self.open[old] = [other for other in self.open[old] if other is not run]
        self.open.setdefault(rule, []).append(run)
        run.migrate(rule, limit, seen)

    def stopped(self, run: Run, seen: Seen) -> None:
        """The stop, and whether it looked as it must."""
        self.finish(run, "stop", seen)
        for clause, check in run.rule.form:
            value = seen.data.get(check.field)
            wanted = self.facts.get(check.same_as) if check.same_as else None
            if (check.one_of and value not in check.one_of) or (wanted is not None and value != wanted):
                run.found(clause, check.finding, seen)

    def open_for(self, rule: Rule, seen: Seen) -> list[Run]:
        """The open clocks of a rule that an event of this key can mean."""
        still = self.open.get(rule)
        if not still:
            return []
        if rule.keyed_by is None or rule.keyed_by not in seen.data:
            return list(still)
        key = seen.data[rule.keyed_by]
        return [run for run in still if run.key == key]

    def owner_of(self, rule: Rule) -> str | None:
        """Who owes it, as far as the case knows by now."""
        for field, tests in rule.owners:
            if holds(tests, self.facts):
                named = self.facts.get(field)
                if named is not None:
                    return str(named)
        return None

    def find(
        self,
        rule: Rule,
        code: str,
        seen: Seen,
        quantity: int,
        *,
        due_at: datetime | None = None,
        value: Decimal | None = None,
        among: tuple[str, ...] = (),
    ) -> None:
        """Something went against a clause."""
        person = self.owner_of(rule)
        self.found.append(
            Finding(
                rule.pack, rule.edition, rule.id, code, self.case, seen.id, person, seen.at, due_at, quantity,
                (seen.position,), value, among,
            )
        )  # fmt: skip

    def holds(self, rule: Rule, at: datetime) -> bool:
        """Whether the clause is in force at this instant, and switched on."""
        return rule.holds_at(at) and (rule.switch is None or self.switched_on(rule.switch, at))

    def lacks(self, rule: Rule, why: str, seen: Seen) -> None:
        """The tenant has not said yet what the clause leaves open; reported once a case."""
        if all(one.rule is not rule for one in self.lacking):
            self.lacking.append(Lacking(self.case, rule, why, seen))

    def switched_on(self, switch: Switch, at: datetime) -> bool:
        """Whether the tenant's reading lets the clause hold."""
        return self.settings.reading(switch.reading, at) == switch.value

    def duties_of(self, rule: Rule) -> Duties:
        """What is owed again and again under this rule, with what was done for it before anybody had it."""
        duties = self.duties.get(rule)
        if duties is None:
            duties = self.duties[rule] = Duties(rule, self.settings, self.case)
            for seen in self.reported.pop(rule, ()):
                duties.report(seen)
        return duties

    def arm(self) -> None:
        """When time acts next."""
        self.alarm = min((at for at in map(acts_at, self.armed) if at is not None), default=None)


def acts_at(run: Run) -> datetime | None:
    """When time acts on this clock: its breach changes a fact, or its policy is withdrawn."""
    instants = []
    if run.due_at is not None and run.rule.escalates is not None and not run.fired and not run.excused:
        instants.append(run.due_at + SECOND)
    withdrawn = run.rule.withdrawn_after(run.started_at)
    if withdrawn is not None:
        instants.append(withdrawn)
    moved = run.rule.migrated_after(run.migrated_at or run.started_at)
    if moved is not None:
        instants.append(moved[0])
    return min(instants, default=None)
