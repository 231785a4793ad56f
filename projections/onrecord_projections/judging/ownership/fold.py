"""Fold: the events of one family of clients, in order, into claims, joins and decisions under one policy."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from onrecord_projections.judging.ownership.answer import Join, Proposal, Refused
from onrecord_projections.judging.ownership.claims import Standing
from onrecord_projections.judging.ownership.family import family_of
from onrecord_projections.judging.ownership.heard import Heard
from onrecord_projections.judging.ownership.queue import Turn
from onrecord_projections.judging.ownership.regime import OwnershipRule, Regime, Regimes
from onrecord_projections.judging.policy import Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Split = tuple[datetime, str, tuple[tuple[str, Decimal], ...], str, int]
"""(at, client, shares in percent, clause, position)"""


class Fold:
    """What one policy makes of a family, event by event."""

    def __init__(self, settings: Settings, regimes: Regimes, pack: str) -> None:
        self.settings, self.regimes, self.pack = settings, regimes, pack
        self.joins: list[Join] = []
        self.claims: list[Standing] = []
        self.splits: list[Split] = []
        self.proposals: list[Proposal] = []
        self.refused: list[Refused] = []

    def give(self, turn: Turn) -> None:
        """A newcomer who came to somebody: by name, or because it was his turn."""
        regime = self.regimes.at(self.pack, turn.at)
        if regime is None:
            return
        rule = next(one for one in regime.rules if one.id == turn.clause)
        for held in self.claims:
            if held.client == turn.client and held.why in ("referred", "in-turn") and held.alive(turn.at):
                held.finish(rule, turn.at, "replaced", turn.key[-1])
        event = Heard(turn.key, turn.at, "", turn.client, turn.client, turn.key[-1], {})
        self._given(regime, rule, event, turn.person).why = turn.why

    def take(self, event: Heard) -> None:
        """One more event, after all that came before it."""
        regime = self.regimes.at(self.pack, event.at)
        if regime is None:
            return
        barred = False
        for rule in regime.by_type.get(event.kind, ()):
            if not rule.holds(self.settings, event.at):
                continue
            if rule.signed.meets(event.kind, event.data):
                self._sign(rule, event)
            if rule.rule == "void" and rule.resets.meets(event.kind, event.data):
                self._reset(rule, event)
            if not rule.on.meets(event.kind, event.data):
                continue
            if rule.rule == "bar":
                barred = True
                self._refuse(rule, event, "gives-no-claim")
            elif rule.rule in _ACTS and not (barred and rule.rule in ("claim", "validity", "lapse")):
                _ACTS[rule.rule](self, regime, rule, event)

    def family(self, stream: str, at: datetime) -> frozenset[str]:
        """Everything that counts as one with this stream at an instant."""
        return family_of(self.joins, stream, at)

    def alive(self, stream: str, at: datetime) -> list[Standing]:
        """The claims on everything that counts as one with this stream, the best first."""
        members = self.family(stream, at)
        return sorted((c for c in self.claims if c.client in members and c.alive(at)), key=precedence)

    def _claim(self, regime: Regime, rule: OwnershipRule, event: Heard) -> None:
        holder = rule.holder_in(event.data)
        if holder is None:
            self._refuse(rule, event, "nobody-named")
            return
        for held in self.claims:
            if (held.client, held.holder) == (event.case, holder) and (
                held.valid_at is None or held.alive(event.at)
            ):
                return
        claim = Standing(regime, rule, event.case, holder, event)
        self.claims.append(claim)
        if not claim.lacking:
            claim.begin(self.settings, event)

    def _validity(self, _: Regime, rule: OwnershipRule, event: Heard) -> None:
        """Fields are filled in by the claim's own holder; a signature is a leader's, on the card it names."""
        holder = rule.holder_in(event.data) if rule.clause.filled else None
        for claim in self._lacking(rule, event, holder):
            if rule.clause.filled:
                claim.lacking[rule.id] -= {field for field in rule.clause.filled if event.data.get(field)}
                if claim.lacking[rule.id]:
                    continue
            del claim.lacking[rule.id]
            if claim.lacking:
                claim.noted(event)
            else:
                claim.begin(self.settings, event)

    def _lacking(self, rule: OwnershipRule, event: Heard, holder: str | None) -> list[Standing]:
        card = event.data.get("card")
        return [
            claim
            for claim in self.claims
            if claim.client == event.case
            and rule.id in claim.lacking
            and holder in (None, claim.holder)
            and (card is None or claim.data.get("card") in (None, card))
        ]

    def _lapse(self, _: Regime, rule: OwnershipRule, event: Heard) -> None:
        """A sign of life counts for its holder's claims on anything that is one with this client by now."""
        for claim in self._of_holder(rule, event):
            if claim.lapses and rule.clause.phase in ("always", claim.phase) and claim.latest != event.key:
                claim.heard(self.settings, rule, event)

    def _void(self, _: Regime, rule: OwnershipRule, event: Heard) -> None:
        if rule.clause.times is None:
            standing = [one for one in self.alive(event.case, event.at) if one.client == event.case]
            for claim in standing[:1]:
                claim.finish(rule, event.at, "voided", event.position)
            return
        for claim in self._of_holder(rule, event):
            flags = rule.clause.flags.items()
            if all(claim.data.get(field) in wanted for field, wanted in flags):
                claim.row[rule.id] = claim.row.get(rule.id, 0) + 1
                if claim.row[rule.id] >= rule.clause.times:
                    claim.finish(rule, event.at, "voided", event.position)

    def _transfer(self, regime: Regime, rule: OwnershipRule, event: Heard) -> None:
        """Only what nobody holds any more can be passed on (CC13-C3)."""
        if any(one.client == event.case for one in self.alive(event.case, event.at)):
            self._refuse(rule, event, "still-held")
            return
        self._given(regime, rule, event, rule.holder_in(event.data)).why = "transferred"

    def _override(self, regime: Regime, rule: OwnershipRule, event: Heard) -> None:
        members = self.family(event.case, event.at)
        for claim in self.claims:
            if claim.why == "decided" and claim.client in members and claim.alive(event.at):
                claim.finish(rule, event.at, "replaced", event.position)
        holder = rule.holder_in(event.data)
        self._given(regime, rule, event, holder, lapses=rule.clause.lapses).why = "decided"

    def _given(
        self,
        regime: Regime,
        rule: OwnershipRule,
        event: Heard,
        holder: str | None,
        *,
        lapses: bool = True,
    ) -> Standing:
        """A claim that somebody gives; it needs nothing more, and starts afresh."""
        assert holder is not None, "events that give name whom they give to"
        claim = Standing(regime, rule, event.case, holder, event)
        claim.lapses = lapses
        claim.lacking = {}
        claim.begin(self.settings, event)
        self.claims.append(claim)
        return claim

    def _relatives(self, _: Regime, rule: OwnershipRule, event: Heard) -> None:
        relative = event.data["relative"]
        self.joins.append(Join(event.case, relative, self.pack, rule.id, event.at, event.position))

    def _split(self, _: Regime, rule: OwnershipRule, event: Heard) -> None:
        shares = tuple((part["person"], Decimal(part["percent"])) for part in event.data["shares"])
        self.splits.append((event.at, event.case, shares, rule.id, event.position))

    def _restore(self, _: Regime, rule: OwnershipRule, event: Heard) -> None:
        """The first who ever validly held it; lapsed or not, giving it back is for a person to decide."""
        members = self.family(event.case, event.at)
        ever = [c for c in self.claims if c.client in members and c.valid_at is not None]
        first = min(ever, key=lambda claim: claim.rank, default=None)
        if first is not None:
            self.proposals.append(
                Proposal(event.case, self.pack, rule.id, event.at, first.holder, event.position)
            )

    def _sign(self, rule: OwnershipRule, event: Heard) -> None:
        for claim in self.claims:
            if claim.client == event.case and claim.alive(event.at):
                claim.signed(self.settings, rule, event)

    def _reset(self, rule: OwnershipRule, event: Heard) -> None:
        for claim in self._of_holder(rule, event):
            claim.row.pop(rule.id, None)

    def _of_holder(self, rule: OwnershipRule, event: Heard) -> list[Standing]:
        holder = rule.holder_in(event.data)
        return [claim for claim in self.alive(event.case, event.at) if claim.holder == holder]

    def _refuse(self, rule: OwnershipRule, event: Heard, why: str) -> None:
        self.refused.append(Refused(event.case, self.pack, rule.id, event.position, why))  # type: ignore[arg-type]


def precedence(claim: Standing) -> tuple[timedelta, int, int]:
    """The latest decision goes before every claim, then the earliest valid one (reading R8)."""
    at, sequence, position = claim.rank
    if claim.why == "decided":  # below nought, so before every claim
        return _EPOCH - at, -sequence, -position
    return at - _EPOCH, sequence, position


_ACTS: dict[str, Callable[[Fold, Regime, OwnershipRule, Heard], None]] = {
    "claim": Fold._claim,  # noqa: SLF001
    "validity": Fold._validity,  # noqa: SLF001
    "lapse": Fold._lapse,  # noqa: SLF001
    "void": Fold._void,  # noqa: SLF001
    "transfer": Fold._transfer,  # noqa: SLF001
    "override": Fold._override,  # noqa: SLF001
    "relatives": Fold._relatives,  # noqa: SLF001
    "split": Fold._split,  # noqa: SLF001
    "restore": Fold._restore,  # noqa: SLF001
}
