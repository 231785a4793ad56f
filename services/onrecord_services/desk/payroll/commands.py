"""Payroll commands: take lines through payroll, which locks the month first, and hand out its file."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from onrecord_events import payroll
from onrecord_events.base import Ref
from onrecord_events.penalty import Digest
from onrecord_events.period import Month
from onrecord_projections.judging import Settings
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.payroll import state
from onrecord_services.desk.payroll.taking import Terms
from onrecord_services.desk.payroll.through import opened, part
from onrecord_services.desk.penalty import who
from onrecord_services.desk.penalty.months import locked_at, next_month, stream_of
from onrecord_services.desk.penalty.state import folded

LINES_MAX = 400
"""Of one part: so many lines with a few bearers each stay below the 1,000 events of one batch."""
EVENTS_MAX = 990


class Export(Command):
    """Lock a month, and take these lines through payroll, all or none; `last` makes the export whole."""

    NAME: ClassVar[str] = "payroll.export"
    NEEDS: ClassVar[tuple[str, ...]] = ("wages",)

    month: Month
    lines: Annotated[tuple[Ref, ...], Field(max_length=LINES_MAX)] = ()
    last: bool = True

    def streams(self) -> tuple[str, ...]:
        """The month, the one after, and every line."""
        months = stream_of(self.month), stream_of(next_month(self.month))
        return (*months, *(f"penalty/{line}" for line in dict.fromkeys(self.lines)))

    def relies_on(self, held: Held) -> tuple[str, ...]:
        """Where it locks the month, the one after: months go in order."""
        begun = locked_at(held.events(stream_of(self.month))) is not None
        return () if begun else (stream_of(next_month(self.month)),)

    def decide(self, held: Held) -> Sequence[Fact]:
        """What was in an earlier part, or has nothing open, is passed over: asking on is safe."""
        who.check(held, "payroll.exported-by")
        month = state.folded(held.events(stream_of(self.month)))
        if month.whole is not None:
            if self.lines:
                raise Refused("period-locked", month=self.month, position=str(month.position))
            return []
        if locked_at(held.events(stream_of(next_month(self.month)))) is not None:
            raise Refused("later-month-locked", month=next_month(self.month))
        terms = month.terms or terms_of(held.settings, held)
        lines = {name: folded(held.events(f"penalty/{name}")) for name in self.lines}
        found = opened(lines, self.month, month.rows)
        went = part(held.settings, self.month, terms, held.found["wages"], found, month.rows)
        if len(went.facts) > EVENTS_MAX:
            raise Refused("too-many-lines", events=str(len(went.facts)))
        return [*self._about_month(month, terms, went.rows), *went.facts]

    def _about_month(self, month: state.Month, terms: Terms, rows: tuple[payroll.Row, ...]) -> list[Fact]:
        """The lock first, the rows, and the seal under all of them."""
        said: list[payroll.Begun | payroll.PartExported | payroll.Exported] = []
        if month.terms is None:
            said.append(
                payroll.Begun(
                    month=self.month,
                    cap_percent=terms.cap_percent,
                    floor=terms.floor,
                    carry_over=terms.carry_over,
                )
            )
        if rows:
            said.append(payroll.PartExported(month=self.month, part=month.parts + 1, rows=rows))
        if self.last:
            everything = (*month.rows, *rows)
            said.append(
                payroll.Exported(
                    month=self.month,
                    parts=month.parts + bool(rows),
                    rows=len(everything),
                    rows_sha256=state.rows_sha256(everything),
                )
            )
        return [Fact(stream_of(self.month), body) for body in said]


class HandOut(Command):
    """Say that the file of a whole export was handed out. Other bytes of the same release are refused."""

    NAME: ClassVar[str] = "payroll.hand-out"

    month: Month
    format: Literal["xlsx", "csv", "json"]
    file_sha256: Digest
    release: Ref

    def streams(self) -> tuple[str, ...]:
        """The month."""
        return (stream_of(self.month),)

    def decide(self, held: Held) -> Sequence[Fact]:
        """The same file again changes nothing."""
        who.check(held, "payroll.exported-by")
        month = state.folded(held.events(stream_of(self.month)))
        if month.whole is None:
            raise Refused("not-exported", month=self.month)
        known = (self.format, self.release)
        before = [file.file_sha256 for file in month.files if (file.format, file.release) == known]
        if self.file_sha256 in before:
            return []
        if before:
            raise Refused("file-differs", sha256=before[-1])
        body = payroll.FileHandedOut(
            month=self.month,
            format=self.format,
            rows=month.whole.rows,
            file_sha256=self.file_sha256,
            release=self.release,
        )
        return [Fact(stream_of(self.month), body)]


def terms_of(settings: Settings, held: Held) -> Terms:
    """As the tenant set them. Raises Refused as long as nobody said what the floor is."""
    cap, floor, over = (
        settings.reading(f"payroll.{name}", held.at) for name in ("cap-percent", "floor", "carry-over")
    )
    if not floor:
        raise Refused("floor-not-set", setting="payroll.floor")
    return Terms(
        None if cap == "off" else Decimal(cap), None if floor == "off" else Decimal(floor), over == "on"
    )
