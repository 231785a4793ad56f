"""What the tests of judging share: small rulebooks, adopted at once, and events from one-line texts."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from onrecord_events.envelope import Recorded
from onrecord_projections.calendar import Calendar, shipped
from onrecord_projections.judging import CaseFold, Settings, Verdict, evaluate, load, shipped_rulebook
from onrecord_projections.judging.examples import clock_said
from onrecord_projections.judging.facts import read_fact, read_instant

ZONE = ZoneInfo("Asia/Shanghai")
ADOPTED = "2020-01-01T00:00:00+08:00"
OFFICE = """
id = "office"
version = "2026.1"
extends = "cn-state-council"
[weekly]
mon-fri = ["09:00-12:00", "13:30-18:00"]
"""

HEAD = """
pack = "test"
edition = 1
effective_from = 2020-01-01
calendar = "office"
source = "a policy for tests"
title = { en = "Test", zh = "测试" }
"""

CLAUSE = """
[[clause]]
id = "T-1"
cites = "1"
says_en = "An answer in time."
says_zh = "按时答复。"
kind = "clock"
starts_on = ["complaint.registered"]
stops_on = ["complaint.answered"]
measure = "elapsed"
target = "PT8H"
"""

EXAMPLE = """
[[clause.example]]
name = "nothing happened"
log = []
as_of = "2026-01-01 00:00:00"
expect = "no clock"
"""


def at(text: str) -> datetime:
    """A local time."""
    return read_instant(text, ZONE)


def clause(**changes: str) -> str:
    """One clock clause; each keyword replaces or adds a key, given as TOML; `drop` leaves keys out."""
    dropped = changes.pop("drop", "").split()
    lines = [
        line for line in CLAUSE.strip().splitlines() if line.partition(" =")[0] not in (*changes, *dropped)
    ]
    return "\n".join((*lines, *(f"{key} = {value}" for key, value in changes.items()))) + "\n" + EXAMPLE


def policy(position: int, kind: str, effective_at: str = ADOPTED, **body: object) -> Recorded:
    """A decision of the tenant."""
    now = datetime(2020, 1, 1, tzinfo=UTC)
    return Recorded(
        position=position,
        id=f"policy-{position}",
        source="test",
        type=kind,
        stream="policy/test",
        occurred_at=now,
        recorded_at=now,
        data={**body, "effective_at": effective_at},
    )


def calendars() -> Settings:
    """A tenant with the two calendars and nothing else."""
    texts = {
        "cn-state-council": shipped("cn-state-council"),
        "office": Calendar.parse(OFFICE, shipped).dump(),
    }
    settings = Settings()
    for nth, (name, text) in enumerate(texts.items(), 1):
        settings = settings.evolve(policy(nth, "calendar.adopted", calendar=name, content=text))
    return settings


def adopting(*texts: str, readings: Mapping[str, str] | None = None) -> Settings:
    """A tenant that adopted these editions, each from its own first day."""
    settings = calendars()
    for nth, text in enumerate(texts, 10):
        book = load(text)
        since = book.effective_at.isoformat()
        settings = settings.evolve(
            policy(nth, "rulebook.adopted", since, pack=book.pack, edition=book.edition, content=text)
        )
    for nth, (name, value) in enumerate((readings or {}).items(), 30):
        settings = settings.evolve(policy(nth, "reading.set", reading=name, value=value))
    assert settings.problems == ()
    return settings


def shipping(*packs: str, readings: Mapping[str, str] | None = None) -> Settings:
    """A tenant that adopted shipped policies."""
    return adopting(*(shipped_rulebook(pack)[1] for pack in packs), readings=readings)


def facts(*lines: str, case: str = "complaint/1") -> list[Recorded]:
    """Events of one case, positions in the order given."""
    return [read_fact(line, nth, ZONE, case) for nth, line in enumerate(lines, 1)]


def said(verdict: Verdict, clause_id: str | None = None) -> str:
    """The clocks of a verdict in the short form of worked examples."""
    clocks = (clock for clock in verdict.clocks if clause_id in (None, clock.clause))
    return " | ".join(clock_said(clock, ZONE) for clock in clocks) or "no clock"


def story(settings: Settings, lines: Iterable[str], as_of: str, clause_id: str | None = None) -> str:
    """What these events come to."""
    return said(evaluate(settings, facts(*lines), at(as_of)), clause_id)


def folded(settings: Settings, events: Iterable[Recorded]) -> CaseFold:
    """The same events taken one by one, in the order given, looked at after each."""
    listed = list(events)
    fold = CaseFold.open(settings, listed[0].case if listed else "")
    for event in listed:
        fold.take(event)
        fold.at(event.recorded_at)
    return fold
