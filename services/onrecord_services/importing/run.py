"""Run: a file's events go through intake, batch by batch, and every record is accounted for.

There is no state file: each event has the identity that its record gave it, so what a first run has sent is
answered as already there by the second, and a run that was cut short is simply run again. A duplicate costs a
look-up, and a state file beside a log could only be wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Literal, NamedTuple, Protocol

from onrecord_events.errors import LogUnavailable, OutcomeUnknown
from onrecord_services.importing.errors import ImportStopped
from onrecord_services.importing.mapper import Mapped, Mapper
from onrecord_services.importing.ordering import by_time
from onrecord_services.importing.records import BadRecord, Record
from onrecord_services.importing.report import RefusalFile, Report
from onrecord_services.importing.values import rfc3339

BATCH_EVENTS = 1_000
PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)

Order = Literal["time", "file"]


class Accepted(NamedTuple):
    """The event is in the log: where, and whether it was before."""

    position: int
    duplicate: bool = False


class Refused(NamedTuple):
    """The event is no event: a reason of intake's list, and the fields at fault."""

    reason: str
    where: str = ""


Outcome = Accepted | Refused


class Sink(Protocol):
    """Where events go: intake's translation, then the tenant's log."""

    @property
    def clock(self) -> Literal["server", "carried"]:
        """Whose recorded time the log takes."""
        ...

    async def accept(self, events: Sequence[dict[str, Any]]) -> list[Outcome]:
        """One outcome an event, in order; those not refused are appended together or not at all.

        Raises LogUnavailable or OutcomeUnknown; the same events may then be given again.
        """
        ...


class Progress(Protocol):
    """Who is told how far it is."""

    def __call__(self, report: Report) -> None:
        """Called after each batch."""
        ...


def events_in(
    records: Iterable[Record | BadRecord],
    mapper: Mapper,
    *,
    order: Order,
    report: Report,
    refuse: Callable[[BadRecord], None],
    from_record: int = 1,
) -> Iterator[Mapped]:
    """The events of a file in the order they go into the log."""
    mapped = _mapped(records, mapper, report=report, refuse=refuse, from_record=from_record)
    return by_time(mapped) if order == "time" else mapped


def _mapped(
    records: Iterable[Record | BadRecord],
    mapper: Mapper,
    *,
    report: Report,
    refuse: Callable[[BadRecord], None],
    from_record: int,
) -> Iterator[Mapped]:
    for record in records:
        if isinstance(record, Record) and (record.number < from_record or not mapper.is_about(record)):
            continue
        report.records += 1
        if isinstance(record, BadRecord):
            refuse(record)
            continue
        made = 0
        for event in mapper.events_of(record):
            made += 1
            if isinstance(event, BadRecord):
                refuse(event)
            else:
                report.events += 1
                yield event
        report.without_event += not made


def stamped(events: Iterable[Mapped], clock: Literal["server", "carried"]) -> Iterator[Mapped]:
    """Each event with the time its source wrote it down, under the name that the log's clock asks for.

    A carried log's recorded time never decreases, so it is the running maximum; on a live log `capturedat`
    is what the source says of each event alone.
    """
    latest: datetime | None = None
    for event in events:
        if clock == "carried":
            latest = event.recorded_at if latest is None else max(latest, event.recorded_at)
            event.event["recordedtime"] = rfc3339(latest)
        else:
            event.event["capturedat"] = rfc3339(event.recorded_at)
        yield event


async def run(
    events: Iterable[Mapped],
    sink: Sink,
    *,
    report: Report,
    refusals: RefusalFile,
    progress: Progress,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Send all events; afterwards the report is complete. Raises ImportStopped if the log stays away."""
    stream = iter(stamped(events, sink.clock))
    while batch := list(islice(stream, BATCH_EVENTS)):
        outcomes = await _accepted(batch, sink, report, pause)
        for mapped, outcome in zip(batch, outcomes, strict=True):
            match outcome:
                case Accepted(duplicate=True):
                    report.already_there += 1
                case Accepted():
                    report.accepted += 1
                case Refused(reason, where):
                    bad = BadRecord(mapped.name, reason, where)
                    report.refuse(bad)
                    refusals.add(bad)
        report.last_record = batch[-1].name
        progress(report)


async def _accepted(
    batch: list[Mapped], sink: Sink, report: Report, pause: Callable[[float], Awaitable[None]]
) -> list[Outcome]:
    """A lost answer is no loss: identities make sending again safe."""
    for seconds in (*PAUSES_SECONDS, None):
        try:
            return await sink.accept([mapped.event for mapped in batch])
        except (LogUnavailable, OutcomeUnknown):
            if seconds is None:
                break
            await pause(seconds)
    after = f"after record {report.last_record}" if report.last_record else "before the first record"
    raise ImportStopped(f"the log does not answer; stopped {after}. Run the same command again to go on")
