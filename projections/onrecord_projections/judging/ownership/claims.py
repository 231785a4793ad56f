"""Claims: what becomes of one claim, sign of life by sign of life.

A claim that lapsed is over one second after the last second it had, whoever looks and when; nothing later
brings it back.
"""

from datetime import datetime, timedelta

from onrecord_projections.judging.ownership.answer import Claim, Period, State, Why
from onrecord_projections.judging.ownership.heard import Heard
from onrecord_projections.judging.ownership.regime import OwnershipRule, Regime
from onrecord_projections.judging.policy import Settings

SECOND = timedelta(seconds=1)


class Standing:
    """One claim while its family is being folded."""

    __slots__ = (
        "client",
        "data",
        "edition",
        "end",
        "ended_at",
        "ended_by",
        "evidence",
        "holder",
        "key",
        "lacking",
        "lapses",
        "latest",
        "made",
        "periods",
        "phase",
        "rank",
        "regime",
        "row",
        "rule",
        "unsigned",
        "valid_at",
        "why",
    )

    def __init__(self, regime: Regime, rule: OwnershipRule, client: str, holder: str, made: Heard) -> None:
        self.regime, self.rule, self.client, self.holder, self.made = regime, rule, client, holder, made
        self.why: Why = "first-claim"
        self.data = dict(made.data)
        self.lacking = {one.id: set(one.clause.filled) for one in regime.of("validity")}
        """What each condition still wants; an empty set wants its event, a signature."""
        self.valid_at: datetime | None = None
        self.rank = self.latest = made.key
        """What decides who comes first, and the last event that gave it life: one event gives it once."""
        self.lapses = True
        self.phase = "first"
        self.periods: list[Period] = []
        self.unsigned: Heard | None = None
        self.row: dict[str, int] = {}
        """How many in a row, by the clause that counts them."""
        self.ended_at: datetime | None = None
        self.ended_by: str | None = None
        self.end: State = "lapsed"
        self.evidence = [made.position]

    @property
    def over_at(self) -> datetime | None:
        """The first instant at which it is over, if nothing more happens."""
        if self.ended_at is not None:
            return self.ended_at
        due_at = self.periods[-1].due_at if self.periods else None
        return due_at + SECOND if due_at is not None else None

    def alive(self, at: datetime) -> bool:
        """Valid by then and not over yet."""
        over_at = self.over_at
        return self.valid_at is not None and self.valid_at <= at and (over_at is None or at < over_at)

    def begin(self, settings: Settings, event: Heard) -> None:
        """It is valid from here on, and its first period begins."""
        self.valid_at, self.rank, self.latest = event.at, event.key, event.key
        self.noted(event)
        if self.lapses:
            self._renew(settings, event, event.at, self.phase)

    def heard(self, settings: Settings, rule: OwnershipRule, event: Heard) -> None:
        """A sign of life of its holder, under the clause that asked for it."""
        self.latest = event.key
        if rule.clause.phase == "first":
            self.phase = "later"
        if rule.clause.signed_on:
            self.unsigned = event
        else:
            self._renew(settings, event, event.at, self.phase)

    def signed(self, settings: Settings, rule: OwnershipRule, event: Heard) -> None:
        """The last sign of life is signed: in time its own day counts, later the day of signing."""
        made = self.unsigned
        if made is not None:
            in_time = rule.signed_in_time(settings, made.at, event.at)
            self.unsigned = None
            self.noted(made)
            self._renew(settings, event, made.at if in_time else event.at, self.phase)

    def finish(self, rule: OwnershipRule, at: datetime, end: State, position: int) -> None:
        """Over by an event, not by time."""
        self.ended_at, self.ended_by, self.end = at, rule.id, end
        self.evidence.append(position)

    def noted(self, event: Heard) -> None:
        """An event without which the claim would stand otherwise."""
        if event.position not in self.evidence:
            self.evidence.append(event.position)

    def cause(self, at: datetime) -> str | None:
        """The clause that ended it by then."""
        if self.alive(at) or self.valid_at is None or at < self.valid_at:
            return None
        return self.ended_by or self.periods[-1].clause

    def shown(self, at: datetime, *, owning: bool) -> Claim:
        """The claim as it looks at an instant after all that was heard."""
        cause = self.cause(at)
        state: State = "incomplete" if self.valid_at is None else "owning" if owning else "waiting"
        if cause is not None:
            state = self.end
        book = self.regime.book
        return Claim(
            self.client, book.pack, book.edition, self.holder, self.rule.id, self.made.at, self.valid_at,
            state, self.over_at if cause else None, cause, tuple(self.periods), tuple(self.evidence),
        )  # fmt: skip

    def _renew(self, settings: Settings, event: Heard, since: datetime, phase: str) -> None:
        """The next period; a claim that nothing makes lapse has one without an end."""
        rules = (one for one in self.regime.of("lapse") if one.holds(settings, since))
        rule = next((one for one in rules if one.clause.phase in ("always", phase)), None)
        due_at = rule.due_after(settings, since) if rule else None
        self.periods.append(Period(rule.id if rule else self.rule.id, since, due_at, event.position))
