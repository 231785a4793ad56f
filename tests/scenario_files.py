"""The golden scenarios as data: read here, run purely by one test and through the public path by another.

A file says which policies are adopted, what happened, when we look and what must come out, in lines that a
policy's author can read. A variant changes some of these and keeps the rest.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from onrecord_events.envelope import New, Recorded
from onrecord_projections.calendar import Calendar, shipped, shipped_ids
from onrecord_projections.judging import (
    Clock,
    Finding,
    PenaltyLine,
    Rate,
    Settings,
    Unmeasured,
    line_said,
    shipped_rulebook,
)
from onrecord_projections.judging.facts import read_fact, read_instant
from onrecord_projections.judging.figures import Figure, standings
from onrecord_projections.judging.figures.said import figure_said, standing_said
from onrecord_projections.judging.ownership import CLIENT, Span
from onrecord_projections.judging.ownership.said import span_said

FOLDER = Path(__file__).parent / "scenarios"
ZONE = ZoneInfo("Asia/Shanghai")
ADOPTED_AT = datetime(2026, 1, 1, tzinfo=ZONE)


@dataclass(frozen=True)
class Scenario:
    """One scenario, or one variant of it."""

    id: str
    rules: tuple[str, ...]
    packs: tuple[str, ...]
    as_of: datetime
    facts: tuple[str, ...]
    readings: Mapping[str, str]
    numbers: Mapping[str, str]
    calendars: Mapping[str, str]
    waived: frozenset[str]
    expect: Mapping[str, list[str]]

    def policies(self) -> list[Recorded]:
        """The tenant's decisions, in the order they are to be appended; all in force from 1 January 2026."""
        said: list[tuple[str, str, dict[str, Any]]] = []
        for name, text in {**{name: shipped(name) for name in shipped_ids()}, **self.calendars}.items():
            content = Calendar.parse(text, shipped).dump()
            said.append(("calendar.adopted", f"calendar/{name}", {"calendar": name, "content": content}))
        for pack in self.packs:
            book, text = shipped_rulebook(pack)
            body = {"pack": pack, "edition": book.edition, "content": text}
            said.append(("rulebook.adopted", f"rulebook/{pack}", body))
        for name, value in self.readings.items():
            said.append(("reading.set", f"setting/{name}", {"reading": name, "value": value}))
        for clause, text in self.numbers.items():
            value, _, calendar = text.partition(" on ")
            named = {"calendar": calendar} if calendar else {}
            said.append(("number.set", f"setting/{clause}", {"clause": clause, "value": value, **named}))
        return [_policy(nth, *decision) for nth, decision in enumerate(said, 1)]

    def events(self) -> list[Recorded]:
        """What happened, in the order of recording, after the policies."""
        first = len(self.policies()) + 1
        read = [read_fact(line, nth, ZONE, "case/1") for nth, line in enumerate(self.facts)]
        read.sort(key=lambda event: event.recorded_at)
        return [_whole(event, first + nth) for nth, event in enumerate(read)]

    def news(self) -> list[New]:
        """Policies and facts for a log whose recorded times are carried."""
        return [
            New(
                id=event.id,
                source=event.source,
                type=event.type,
                stream=event.stream,
                occurred_at=event.occurred_at,
                recorded_at=event.recorded_at,
                captured_at=event.captured_at,
                sequence=event.sequence,
                correlation=event.correlation,
                actor=event.actor,
                data=dict(event.data),
            )
            for event in (*self.policies(), *self.events())
        ]


def scenarios() -> list[Scenario]:
    """Every scenario and variant, by file name."""
    return [scenario for path in sorted(FOLDER.glob("S*.toml")) for scenario in _read(path)]


def clocks_said(clocks: Iterable[Clock], rules: Iterable[str]) -> list[str]:
    """The clocks of the named clauses, as a scenario writes them."""
    wanted = set(rules)
    return sorted(f"{c.clause} {c.case}: {_clock(c)}" for c in clocks if c.clause in wanted)


def unmeasured_said(items: Iterable[Unmeasured], rules: Iterable[str]) -> list[str]:
    """What has no clock yet."""
    wanted = set(rules)
    return sorted(
        f"{item.clause} {item.case}: not measured: {item.reason}, {item.elapsed}"
        for item in items
        if item.clause in wanted
    )


def fines_said(lines: Iterable[PenaltyLine]) -> list[str]:
    """Proposed lines, in the order they arise."""
    return [
        f"{line.person} {line.month} {'+'.join(line.clauses)} {line.case}: "
        f"{line_said(line)} at {_local(line.at)}"
        for line in lines
    ]


def figures_said(figures: Iterable[Rate], rules: Iterable[str]) -> list[str]:
    """Rates of the named clauses; with a target also how many were in time and whether it was reached."""
    wanted = set(rules)
    return [_figure(rate) for rate in figures if rate.kpi in wanted]


def kpis_said(settings: Settings, found: Sequence[Figure], rules: Iterable[str]) -> list[str]:
    """Figures of the named clauses, group by group and all together, and who stands where."""
    wanted = set(rules)
    ranked = [each for each in standings(settings, found) if each.kpi in wanted]
    return [
        *(f"{each.kpi} {figure_said(each)}" for each in sorted(found, key=_by_name) if each.kpi in wanted),
        *(f"{each.kpi} {standing_said(each)}" for each in ranked),
    ]


def _by_name(figure: Figure) -> tuple[str, str, str, bool, str]:
    """All together after the groups."""
    return figure.kpi, figure.part, figure.period, figure.group is None, figure.group or ""


def findings_said(findings: Iterable[Finding], rules: Iterable[str]) -> list[str]:
    """Findings other than breaches."""
    wanted = set(rules)
    return sorted(
        f"{f.clause} {f.case}: found {f.code} at {_local(f.at)}"
        for f in findings
        if f.clause in wanted and f.code not in ("breach", "defect")
    )


def excesses_said(findings: Iterable[Finding], rules: Iterable[str]) -> list[str]:
    """By how much findings of the named clauses went beyond what is allowed."""
    wanted = set(rules)
    return sorted(
        f"{f.clause} {f.case}: {f.value.normalize():f}"
        for f in findings
        if f.clause in wanted and f.value is not None
    )


def owners_said(spans: Iterable[Span]) -> list[str]:
    """Who owned which client from when on."""
    return [f"{span.client}: {span_said(span, ZONE)}" for span in spans if span.line == CLIENT]


def _read(path: Path) -> Iterable[Scenario]:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    variants = content.pop("variant", [])
    yield _scenario(content, content["id"])
    for nth, variant in enumerate(variants, 1):
        yield _scenario({**content, "each": [], **variant}, f"{content['id']}-{nth}")


def _scenario(content: Mapping[str, Any], name: str) -> Scenario:
    each = [
        line.replace("{n}", f"{n:02}")
        for group in content.get("each", [])
        for n in range(1, group["count"] + 1)
        for line in group["facts"]
    ]
    return Scenario(
        name,
        tuple(content["rules"]),
        tuple(content["packs"]),
        read_instant(content["as_of"], ZONE),
        (*content["facts"], *each),
        content.get("readings", {}),
        content.get("numbers", {}),
        content.get("calendars", {}),
        frozenset(content.get("waived", ())),
        content["expect"],
    )


def _policy(position: int, kind: str, stream: str, body: dict[str, Any]) -> Recorded:
    event = Recorded(
        position=position,
        id=f"policy-{position}",
        source="scenario",
        type=kind,
        stream=stream,
        occurred_at=ADOPTED_AT,
        recorded_at=ADOPTED_AT,
        data={**body, "effective_at": ADOPTED_AT.isoformat()},
    )
    return _whole(event, position)


def _whole(event: Recorded, position: int) -> Recorded:
    """The event with its body complete, as the log would store it."""
    body = event.body().model_dump(mode="json", exclude_none=True)
    return msgspec.structs.replace(event, position=position, id=f"{position}", source="scenario", data=body)


def _clock(clock: Clock) -> str:
    parts: list[str] = [clock.state]
    parts += [f"due {_local(clock.due_at)}"] if clock.due_at else []
    parts += [f"late {clock.overrun}"] if clock.overrun is not None else []
    parts += [clock.note] if clock.note.startswith("number from") else []
    return ", ".join((*parts, *clock.findings))


def _figure(rate: Rate) -> str:
    said = f"{rate.kpi} {rate.clause} {rate.month}: {rate.counted}/{rate.due}"
    if rate.reached is None:
        return said
    return f"{said}, in time {rate.in_time}, {'reached' if rate.reached else 'missed'}"


def _local(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"
