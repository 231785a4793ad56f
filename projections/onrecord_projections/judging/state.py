"""State: a case folded event by event, in order.

Between two events time itself can act, when a breach changes a fact of the case (an old minor complaint
becomes major): `advance` lets every such instant pass before the next event counts.
"""

from datetime import datetime

from onrecord_projections.judging.acts import act, become
from onrecord_projections.judging.memory import CaseMemory, acts_at
from onrecord_projections.judging.run import Run, Seen
from onrecord_projections.judging.trigger import Plan
from onrecord_projections.judging.verdict import Clock, Finding, Verdict


class CaseState(CaseMemory):
    """A case as its events, and time, have made it."""

    __slots__ = ()

    def apply(self, plan: Plan, seen: Seen) -> None:
        """One event, after all that came before it."""
        if self.alarm is not None and self.alarm <= seen.at:
            self.advance(seen.at)
        changed = self._remember(plan, seen) if plan.fields else ()
        act(self, plan.ends_by.of(seen.data), seen)
        for plans in changed:
            act(self, plans.ends, seen, becoming=True)
        for plans in changed:
            act(self, plans.begins, seen, becoming=True)
        act(self, plan.begins_by.of(seen.data), seen)

    def advance(self, to: datetime) -> None:
        """Let time act up to and including this instant, in order."""
        while self.alarm is not None and self.alarm <= to:
            at, run = min(
                ((at, run) for run in self.armed for at in (acts_at(run),) if at is not None),
                key=lambda due: due[0],
            )
            self.fired_at = at
            self._pass(run, at)
            self.arm()

    def view(self, as_of: datetime) -> Verdict:
        """What the case means at `as_of`, which lies at or after everything applied."""
        clocks: list[Clock] = []
        findings: list[Finding] = []
        for run in self.runs:
            clocks.append(run.show(as_of))
            if run.findings:
                findings += run.findings
        unmeasured = tuple([one.told for one in self.lacking])
        for duties in self.duties.values():
            clocks += duties.clocks(as_of)
            findings += duties.findings(as_of)
            unmeasured += tuple(duties.unmeasured(as_of))
        return Verdict(tuple(clocks), (*findings, *self.found), unmeasured)

    def next_change(self, after: datetime) -> datetime | None:
        """The next instant at which `view` changes although nothing happens."""
        instants = [run.next_change(after) for run in self.runs if run.stopped_at is None]
        instants += [duties.next_change(after) for duties in self.duties.values()]
        if self.alarm is not None and self.alarm > after:
            instants.append(self.alarm)
        return min((at for at in instants if at is not None), default=None)

    def _remember(self, plan: Plan, seen: Seen) -> list[Plan]:
        """Keep the last seen value of each coded field; answer the plans that wait for a change of one."""
        changed = []
        facts, data = self.facts, seen.data
        for field in plan.fields:
            value = data.get(field)
            if value is None or facts.get(field) == value:
                continue
            facts[field] = value
            self.changed_at[field] = seen.at
            self.known_since.setdefault(field, seen.at)
            waiting = self.settings.index.becomes.get(field)
            if waiting is not None:
                changed.append(waiting)
        return changed

    def _pass(self, run: Run, at: datetime) -> None:
        """What this instant does to a clock: its policy ends, its edition changes, or it is broken."""
        rule, position = run.rule, run.marks[0].seen.position
        moved = rule.migrated_after(run.migrated_at or run.started_at)
        if rule.withdrawn_after(run.started_at) == at:
            self.finish(run, "withdrawn", Seen(at, position, f"{rule.pack}+withdrawn", {}))
        elif moved is not None and moved[0] == at:
            self.migrate(run, moved[1], Seen(at, position, f"{rule.pack}+migrated", {}))
        else:
            run.fired = True
            self._escalate(run, Seen(at, position, f"{run.instance}+breach", {}, by_time=True))

    def _escalate(self, run: Run, seen: Seen) -> None:
        assert run.rule.escalates is not None
        for field, value in run.rule.escalates.items():
            become(self, field, value, seen)
