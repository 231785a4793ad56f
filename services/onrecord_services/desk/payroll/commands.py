"""Payroll commands: take lines through payroll, which locks the month first, and hand out its file."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr

from onrecord_events import payroll
from onrecord_events.base import Ref
from onrecord_events.penalty import Digest
from onrecord_events.period import Month
from onrecord_projections.judging import Settings
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.payroll import state
from onrecord_services.desk.payroll.lines import Open
from onrecord_services.desk.payroll.taking import Terms
from onrecord_services.desk.payroll.through import opened, part
from onrecord_services.desk.penalty import who
from onrecord_services.desk.penalty.months import locked_at, next_month, stream_of
from onrecord_services.desk.penalty.state import folded

LINES_MAX = 400
"""Of one part: so many lines with a few bearers each stay below the 1,000 events of one batch."""
EVENTS_MAX = 990


class Export(Command):
    """Lock a month, and take lines through payroll, all or none; `last` makes the export whole.

    Where none are named the desk finds them: ask once to lock the month, then until nothing is left to do.
    """

    NAME: ClassVar[str] = "payroll.export"
    NEEDS: ClassVar[tuple[str, ...]] = ("wages", "open-lines")

    month: Month
    lines: Annotated[tuple[Ref, ...], Field(max_length=LINES_MAX)] | None = None
    last: bool = True

    _open: Open | None = PrivateAttr(default=None)

    def found_as(self, found: Mapping[str, Any]) -> Self:
        """With the lines that may have something open, person by person, the oldest first."""
        known: Open | None = found.get("open-lines")
        if self.lines is not None or known is None:
            return self
        last = self.last and len(known.lines) <= LINES_MAX
        same = self.model_copy(update={"lines": known.lines[:LINES_MAX], "last": last})
        same._open = known  # noqa: SLF001 (our own copy)
        return same

    def streams(self) -> tuple[str, ...]:
        """The month, the one after, and every line."""
        months = stream_of(self.month), stream_of(next_month(self.month))
        return (*months, *(f"penalty/{line}" for line in dict.fromkeys(self.lines or ())))

    def relies_on(self, held: Held) -> tuple[str, ...]:
        """Where it locks the month, the one after: months go in order."""
        begun = locked_at(held.events(stream_of(self.month))) is not None
        return () if begun else (stream_of(next_month(self.month)),)

    def decide(self, held: Held) -> Sequence[Fact]:
        """What was in an earlier part, or has nothing open, is passed over: asking on is safe."""
        who.check(held, "payroll.exported-by")
        month = state.folded(held.events(stream_of(self.month)))
        if month.whole is not None:
            if self.lines and self._open is None:
                raise Refused("period-locked", month=self.month, position=str(month.position))
            return []
        if locked_at(held.events(stream_of(next_month(self.month)))) is not None:
            raise Refused("later-month-locked", month=next_month(self.month))
        terms = month.terms or terms_of(held.settings, held)
        if self._open is not None and month.terms is None:
            return [_lock(self.month, terms)]
        if self._open is not None and self._open.position < month.last_position:
            raise Refused("not-projected", position=str(month.last_position))
        return self._part(held, month, terms, self.lines or (), last=self.last)

    def _part(
        self, held: Held, month: state.Month, terms: Terms, names: Sequence[str], *, last: bool
    ) -> list[Fact]:
        lines = {name: folded(held.events(f"penalty/{name}")) for name in names}
        found = opened(lines, self.month, month.rows)
        went = part(held.settings, self.month, terms, held.found["wages"], found, month.rows)
        if len(went.facts) <= EVENTS_MAX:
            return [*self._about_month(month, terms, went.rows, last=last), *went.facts]
        if self._open is None:
            raise Refused("too-many-lines", events=str(len(went.facts)))
        return self._part(held, month, terms, names[: len(names) // 2], last=False)

    def _about_month(
        self, month: state.Month, terms: Terms, rows: tuple[payroll.Row, ...], *, last: bool
    ) -> list[Fact]:
        """The lock first, the rows, and the seal under all of them."""
        said: list[payroll.PartExported | payroll.Exported] = []
        if rows:
            said.append(payroll.PartExported(month=self.month, part=month.parts + 1, rows=rows))
        if last:
            everything = (*month.rows, *rows)
            said.append(
                payroll.Exported(
                    month=self.month,
                    parts=month.parts + bool(rows),
                    rows=len(everything),
                    rows_sha256=state.rows_sha256(everything),
                )
            )
        lock = [] if month.terms is not None else [_lock(self.month, terms)]
        return [*lock, *(Fact(stream_of(self.month), body) for body in said)]


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


def _lock(month: str, terms: Terms) -> Fact:
    """The month is closed for decisions, and the terms of its export are fixed."""
    body = payroll.Begun(
        month=month, cap_percent=terms.cap_percent, floor=terms.floor, carry_over=terms.carry_over
    )
    return Fact(stream_of(month), body)


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
