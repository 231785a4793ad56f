"""Lines: what one person's findings cost under both settings, line by line."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from onrecord_projections.judging import Finding, PenaltyLine, Settings
from onrecord_projections.judging.pricing.pays import NO_PAYS, Pays
from onrecord_projections.penalties import lines_of
from onrecord_projections.penalty_decisions import DROPPED, Decisions, state_of
from onrecord_projections.whatif.clocks import What
from onrecord_projections.whatif.period import Period

Key = tuple[str, str]


class ShownLine(msgspec.Struct, frozen=True):
    """A line, and what became of it by what people decided."""

    line: PenaltyLine
    state: str
    owed: Decimal | None
    """Nothing if it was waived or reversed, else its amount; None where there is none, or it is not known."""


class LineDifference(msgspec.Struct, frozen=True):
    """One line that is not the same under both settings."""

    what: What
    before: ShownLine | None
    after: ShownLine | None

    @property
    def shown(self) -> ShownLine:
        """The line as it would be, or as it was where it would be none."""
        shown = self.after or self.before
        assert shown is not None, "a difference has a side"
        return shown

    @property
    def key(self) -> Key:
        """By person: the order differences are listed in."""
        line = self.shown.line
        return line.person, line.id


class LinePair(msgspec.Struct, frozen=True):
    """One line of the period under both settings."""

    before: ShownLine | None
    after: ShownLine | None

    @property
    def difference(self) -> LineDifference | None:
        """What is not the same; None where everything is."""
        if self.before is None:
            return LineDifference("added", None, self.after)
        if self.after is None:
            return LineDifference("removed", self.before, None)
        if _bare(self.before) == _bare(self.after):
            return None
        return LineDifference("changed", self.before, self.after)


def priced(
    settings: Settings, found: Iterable[Finding], decisions: Decisions, paid: Pays = NO_PAYS
) -> dict[str, ShownLine]:
    """The lines of one unit of findings (`unit_of`), by id."""
    shown = {}
    for line in lines_of(settings, found, decisions, paid):
        state = state_of(decisions.get(line.id, ()))
        shown[line.id] = ShownLine(line, state, Decimal(0) if state in DROPPED else line.amount)
    return shown


def line_pairs(
    period: Period, before: dict[str, ShownLine], after: dict[str, ShownLine]
) -> Iterator[LinePair]:
    """The lines that belong to the period, under one of the settings at least; by id."""
    for line_id in sorted(before.keys() | after.keys()):
        pair = LinePair(before.get(line_id), after.get(line_id))
        if any(shown is not None and period.holds(shown.line.at) for shown in (pair.before, pair.after)):
            yield pair


def _bare(shown: ShownLine) -> ShownLine:
    """Without the number of the edition, which is no difference, and without where it was read."""
    replace = msgspec.structs.replace
    cause = replace(shown.line.cause, edition=0, evidence=())
    return replace(shown, line=replace(shown.line, edition=0, cause=cause))
