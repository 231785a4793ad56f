"""State: a case folded event by event, in order. Total: every event is accepted, most change nothing.

Between two events time itself can act, when a breach changes a fact of the case (an old minor complaint
becomes major): `advance` lets every such instant pass before the next event counts.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from onrecord_projections.judging.clauses import EscalationClause, PenaltyClause, RetentionClause, Switch
from onrecord_projections.judging.duties import Duties
from onrecord_projections.judging.index import Plan, Rule, Trigger, holds
from onrecord_projections.judging.limit import Limit, Missing, limit_of
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.quantities import QUANTITIES
from onrecord_projections.judging.run import SECOND, Mark, Run, Seen
from onrecord_projections.judging.verdict import Clock, Finding, Unmeasured, Verdict


class CaseState:
    """What a case's events came to so far."""

    __slots__ = (
        "_pauses",
        "_stops",
        "alarm",
        "armed",
        "case",
        "causes",
        "changed_at",
        "counts",
        "duties",
        "facts",
        "fired_at",
        "found",
        "known_since",
        "lacking",
        "needs",
        "open",
        "runs",
        "settings",
    )

    def __init__(self, settings: Settings, case: str) -> None:
        self.settings, self.case = settings, case
        self.facts: dict[str, Any] = {}
        self.known_since: dict[str, datetime] = {}
        self.changed_at: dict[str, datetime] = {}
        self.runs: list[Run] = []
        self.open: dict[Rule, list[Run]] = {}
        self.causes: dict[Rule, dict[str, Seen]] = {}
        self._pauses: dict[Rule, list[tuple[Seen, Seen | None]]] = {}
        self._stops: dict[Rule, list[Seen]] = {}
        self.armed: list[Run] = []
        self.alarm: datetime | None = None
        self.fired_at: datetime | None = None
        """The last instant at which time itself acted."""
        self.found: list[Finding] = []
        self.lacking: list[tuple[Rule, str, Seen, Seen | None]] = []
        self.needs: set[Rule] = set()
        self.counts: dict[Rule, int] = {}
        self.duties: dict[Rule, Duties] = {}

    def apply(self, plan: Plan, seen: Seen) -> None:
        """One event, after all that came before it."""
        if self.alarm is not None and self.alarm <= seen.at:
            self.advance(seen.at)
        changed = self._remember(plan, seen) if plan.fields else ()
        self._act(plan.ends, seen)
        for plans in changed:
            self._act(plans.ends, seen, becoming=True)
        for plans in changed:
            self._act(plans.begins, seen, becoming=True)
        self._act(plan.begins, seen)

    def advance(self, to: datetime) -> None:
        """Let time act up to and including this instant, in order."""
        while self.alarm is not None and self.alarm <= to:
            at, run = min(
                ((at, run) for run in self.armed for at in (_acts_at(run),) if at is not None),
                key=lambda due: due[0],
            )
            self.fired_at = at
            ends_at = run.rule.withdrawn_after(run.started_at)
            seen = Seen(at, run.marks[0].seen.position, f"{run.instance}+breach", {}, by_time=True)
            if ends_at == at:
                self._finish(run, "withdrawn", seen)
            else:
                run.fired = True
                self._escalate(run, seen)
            self._arm()

    def view(self, as_of: datetime) -> Verdict:
        """What the case means at `as_of`, which lies at or after everything applied."""
        clocks: list[Clock] = []
        findings: list[Finding] = []
        for run in self.runs:
            clocks.append(run.show(as_of))
            if run.findings:
                findings += run.findings
        for rule, duties in self.duties.items():
            for clock in duties.clocks(rule, self.settings, self.case, as_of):
                clocks.append(clock)
                if clock.state == "breached":
                    findings.append(duties.breach_of(clock))
        unmeasured = tuple(self._unmeasured()) if self.lacking else ()
        return Verdict(tuple(clocks), (*findings, *self.found), unmeasured)

    def next_change(self, after: datetime) -> datetime | None:
        """The next instant at which `view` changes although nothing happens."""
        instants = [run.next_change(after) for run in self.runs]
        instants += [duties.next_change(self.settings, after) for duties in self.duties.values()]
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

    def _become(self, field: str, value: object, seen: Seen) -> None:
        if self.facts.get(field) == value:
            return
        self.facts[field] = value
        self.changed_at[field] = seen.at
        self.known_since.setdefault(field, seen.at)
        waiting = self.settings.index.becomes.get(field)
        if waiting is not None:
            self._act(waiting.ends, seen, becoming=True)
            self._act(waiting.begins, seen, becoming=True)

    def _act(self, triggers: Iterable[Trigger], seen: Seen, *, becoming: bool = False) -> None:
        for trigger in triggers:
            if becoming:
                assert trigger.becomes is not None
                field, wanted = trigger.becomes
                if self.facts.get(field) in wanted and holds(trigger.facts, self.facts):
                    _ACTS[trigger.role](self, trigger, seen)
            elif trigger.meets(seen.data, self.facts):
                _ACTS[trigger.role](self, trigger, seen)

    def start(self, trigger: Trigger, seen: Seen) -> None:
        """A clock begins, unless the clause has one for this already."""
        rule = trigger.rule
        if not rule.holds_at(seen.at) or (
            rule.switch is not None and not self._switched_on(rule.switch, seen.at)
        ):
            return
        if rule.kind == "retention":
            self._keep(rule, seen)
            return
        key = seen.data.get(rule.keyed_by) if rule.keyed_by else None
        if not self._may_start(rule, key, seen):
            return
        began = seen.at
        if trigger.becomes is not None and rule.retroactive:
            began = self.known_since[trigger.becomes[0]]
        elif seen.by_time:
            began = self._opening(rule, began)
        limit = limit_of(rule, self.settings, began, seen.data)
        if isinstance(limit, Missing):
            waiting = any(held is rule and ended is None for held, _, _, ended in self.lacking)
            if rule.instances == "each" or not waiting:
                self.lacking.append((rule, limit.what, seen, None))
            return
        run = Run(rule, self.case, limit, seen, began)
        run.key = key
        self._enter(run, seen)
        if rule in self._pauses:
            self._catch_up_pauses(run)
        if began < seen.at:
            self._catch_up_stops(run)

    def stop(self, trigger: Trigger, seen: Seen) -> None:
        """The first stop wins."""
        rule = trigger.rule
        if rule.retroactive:
            self._stops.setdefault(rule, []).append(seen)
        for run in self._open_for(rule, seen):
            self._stopped(run, seen)
        if self.lacking:
            self.lacking = [
                (held, why, began, seen if held is rule and ended is None else ended)
                for held, why, began, ended in self.lacking
            ]

    def cancel(self, trigger: Trigger, seen: Seen) -> None:
        """Owed no more; what was broken before stays broken."""
        for run in self._open_for(trigger.rule, seen):
            if not (seen.by_time and run.fired):  # the breach that changed the fact ends nothing but itself
                self._finish(run, "cancel", seen)

    def excuse(self, trigger: Trigger, seen: Seen) -> None:
        """Forgiven, and shown as such."""
        for run in self.runs:
            if run.rule is trigger.rule and run.end != "cancel":
                run.excuse(seen)
        self._arm()

    def justify(self, trigger: Trigger, seen: Seen) -> None:
        """The reason is on record while the clock is open."""
        for run in self.open.get(trigger.rule, ()):
            run.justify(seen)

    def pause(self, trigger: Trigger, seen: Seen) -> None:
        """A cause begins; two causes at once, or the same twice, pause once."""
        rule = trigger.rule
        causes = self.causes.setdefault(rule, {})
        if trigger.cause in causes:
            return
        if not causes:
            self._pauses.setdefault(rule, []).append((seen, None))
        causes[trigger.cause] = seen
        for run in self.open.get(rule, ()):
            run.pause(seen, seen.at, trigger.cause)
        self._arm()

    def resume(self, trigger: Trigger, seen: Seen) -> None:
        """A cause ends; time counts again when it was the last."""
        rule = trigger.rule
        causes = self.causes.get(rule, {})
        if causes.pop(trigger.cause, None) is None:
            return
        if not causes:
            spans = self._pauses[rule]
            spans[-1] = (spans[-1][0], seen)
        for run in self.open.get(rule, ()):
            run.resume(seen, seen.at, trigger.cause, last=not causes)
        self._arm()

    def need(self, trigger: Trigger, _: Seen) -> None:
        """What was required is there."""
        self.needs.add(trigger.rule)

    def check(self, trigger: Trigger, seen: Seen) -> None:
        """Found once, at the first instant it had to be there and was not."""
        rule = trigger.rule
        if rule in self.needs or not rule.holds_at(seen.at):
            return
        self.needs.add(rule)
        self._find(rule, getattr(rule.clause, "finding", "missing"), seen, 1)

    def count(self, trigger: Trigger, seen: Seen) -> None:
        """So many of one event change a fact."""
        rule = trigger.rule
        clause = rule.clause
        assert isinstance(clause, EscalationClause)
        if not rule.holds_at(seen.at):
            return
        self.counts[rule] = self.counts.get(rule, 0) + 1
        if self.counts[rule] >= int(self.settings.reading(clause.times_reading, seen.at)):
            for field, value in clause.becomes.items():
                self._become(field, value, seen)

    def defect(self, trigger: Trigger, seen: Seen) -> None:
        """What an event itself shows; the same act of a case is charged once."""
        rule = trigger.rule
        clause = rule.clause
        assert isinstance(clause, PenaltyClause)
        if rule in self.needs or not rule.holds_at(seen.at):
            return
        self.needs.add(rule)
        quantity = (
            1 if clause.quantity is None else QUANTITIES[clause.quantity.function](clause.quantity, seen.data)
        )
        if quantity:
            self._find(rule, "defect", seen, quantity)

    def refuse(self, trigger: Trigger, seen: Seen) -> None:
        """Asked to destroy what must still be kept."""
        for run in self.open.get(trigger.rule, ()):
            if not run.late_at(seen.at):
                run.found(trigger.rule.id, "destruction-refused", seen)
                run.marks.append(Mark("refuse", seen, seen.at))

    def assign(self, trigger: Trigger, seen: Seen) -> None:
        """A duty is owed from here on."""
        self._duties(trigger.rule).assign(seen, self._owner(trigger.rule, seen))

    def release(self, trigger: Trigger, seen: Seen) -> None:
        """A duty is owed no more."""
        self._duties(trigger.rule).release(seen)

    def report(self, trigger: Trigger, seen: Seen) -> None:
        """What a duty asks for in one period was done."""
        self._duties(trigger.rule).report(trigger.rule, seen)

    def _duties(self, rule: Rule) -> Duties:
        return self.duties.setdefault(rule, Duties())

    def _keep(self, rule: Rule, seen: Seen) -> None:
        if self.open.get(rule):
            return
        clause = rule.clause
        assert isinstance(clause, RetentionClause)
        calendar = self.settings.calendar(rule.calendar, seen.at)
        if calendar is None:
            self.lacking.append((rule, "no-calendar", seen, None))
            return
        span = clause.span
        months = span.count * (12 if span.measure == "years" else 1)
        due = calendar.add_months(seen.at, months)
        self._enter(Run(rule, self.case, Limit(due.at.astimezone(UTC)), seen, seen.at), seen)

    def _may_start(self, rule: Rule, key: object, seen: Seen) -> bool:
        if rule.instances == "each":
            return True
        if rule.instances == "once":
            same = [run for run in self.runs if run.rule is rule and run.key == key]
            return all(run.state_at(seen.at) == "cancelled" for run in same)
        still = [run for run in self.open.get(rule, ()) if run.key == key]
        if rule.instances == "restart":
            for run in still:
                self._finish(run, "cancel", seen)
            return True
        return not still

    def _enter(self, run: Run, seen: Seen) -> None:
        run.owner = self._owner(run.rule, seen)
        self.runs.append(run)
        self.open.setdefault(run.rule, []).append(run)
        if run.rule.withdrawn or run.rule.escalates is not None:
            self.armed.append(run)
            self._arm()

    def _catch_up_pauses(self, run: Run) -> None:
        """Pauses that a clock starts into, or that lie behind one that starts in the past."""
        for began, ended in self._pauses[run.rule]:
            if ended is None or ended.at > run.started_at:
                run.pause(began, max(began.at, run.started_at), "earlier")
                if ended is not None:
                    run.resume(ended, ended.at, "earlier", last=True)
        self._arm()

    def _catch_up_stops(self, run: Run) -> None:
        """What a clock that starts in the past asks for may have been done already."""
        done = next((seen for seen in self._stops.get(run.rule, ()) if seen.at >= run.started_at), None)
        if done is not None:
            self._stopped(run, done)

    def _stopped(self, run: Run, seen: Seen) -> None:
        self._finish(run, "stop", seen)
        for clause, check in run.rule.form:
            value = seen.data.get(check.field)
            wanted = self.facts.get(check.same_as) if check.same_as else None
            if (check.one_of and value not in check.one_of) or (wanted is not None and value != wanted):
                run.found(clause, check.finding, seen)

    def _finish(self, run: Run, end: str, seen: Seen) -> None:
        run.finish(end, seen, seen.at)
        self.open[run.rule] = [other for other in self.open[run.rule] if other is not run]
        if self.armed:
            self.armed = [other for other in self.armed if other is not run]
            self._arm()

    def _open_for(self, rule: Rule, seen: Seen) -> list[Run]:
        still = self.open.get(rule)
        if not still:
            return []
        if rule.keyed_by is None or rule.keyed_by not in seen.data:
            return list(still)
        key = seen.data[rule.keyed_by]
        return [run for run in still if run.key == key]

    def _opening(self, rule: Rule, began: datetime) -> datetime:
        """Clocks that an escalation opens may wait for the doors to open (switch)."""
        if self.settings.reading("rent-crm.escalated-start", began) == "instant":
            return began
        calendar = self.settings.calendar(rule.calendar, began)
        if calendar is None:
            return began
        return (calendar.add_working(began, SECOND).at - SECOND).astimezone(UTC)

    def _switched_on(self, switch: Switch, at: datetime) -> bool:
        return self.settings.reading(switch.reading, at) == switch.value

    def _owner(self, rule: Rule, seen: Seen) -> str | None:
        for field, tests in rule.owners:
            if holds(tests, self.facts):
                named = seen.data.get(field) or self.facts.get(field)
                if named is not None:
                    return str(named)
        return None

    def _escalate(self, run: Run, seen: Seen) -> None:
        assert run.rule.escalates is not None
        for field, value in run.rule.escalates.items():
            self._become(field, value, seen)

    def _arm(self) -> None:
        """When time acts next."""
        self.alarm = min((at for at in map(_acts_at, self.armed) if at is not None), default=None)

    def _find(self, rule: Rule, code: str, seen: Seen, quantity: int) -> None:
        person = self._owner(rule, seen)
        self.found.append(
            Finding(
                rule.pack, rule.edition, rule.id, code, self.case, seen.id, person, seen.at, None, quantity,
                (seen.position,),
            )
        )  # fmt: skip

    def _unmeasured(self) -> Iterable[Unmeasured]:
        for rule, why, began, ended in self.lacking:
            yield Unmeasured(
                rule.pack,
                rule.edition,
                rule.id,
                self.case,
                began.id,
                "no-number" if why == "no-number" else "no-calendar",
                getattr(rule.clause, "suggested", None),
                began.at,
                ended.at if ended else None,
                ended.at - began.at if ended else None,
                (began.position, ended.position) if ended else (began.position,),
            )


def _acts_at(run: Run) -> datetime | None:
    """When time acts on this clock: its breach changes a fact, or its policy is withdrawn."""
    instants = []
    if run.due_at is not None and run.rule.escalates is not None and not run.fired and not run.excused:
        instants.append(run.due_at + SECOND)
    withdrawn = run.rule.withdrawn_after(run.started_at)
    if withdrawn is not None:
        instants.append(withdrawn)
    return min(instants, default=None)


_ACTS: dict[str, Callable[[CaseState, Trigger, Seen], None]] = {
    role: getattr(CaseState, role)
    for role in (
        "start",
        "stop",
        "cancel",
        "excuse",
        "justify",
        "pause",
        "resume",
        "need",
        "check",
        "count",
        "defect",
        "refuse",
        "assign",
        "release",
        "report",
    )
}
