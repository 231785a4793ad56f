"""Penalty decisions: what did people decide about a line, and what became of lines that were decided?

A decided line whose facts are gone does not vanish with them: it stands as an adjustment of minus what was
decided, made of the decision alone, so that every replay gives the same.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import delete, insert
from onrecord_projections.findings import Unit
from onrecord_projections.judging import Settings
from onrecord_projections.judging.effective import local_month
from onrecord_projections.penalty_tables import DECISIONS, OPEN, SHARES

BINDING = frozenset({"approved", "exported", "settled"})
DROPPED = frozenset({"waived", "reversed"})
ANEW = frozenset({"split"})
"""After these all concerned are told anew: the line is a proposal again."""
SILENT = frozenset({"settled"})
"""What payroll does about a decision changes no state."""
OPENING = frozenset({"penalty.approved", "penalty.reversed"})
THROUGH = frozenset({"penalty.exported", "penalty.settled"})
GONE = "gone"
"""The cause of a line that nothing bears any more."""


class Decision(NamedTuple):
    """What was decided about one line, latest last."""

    decision: str
    amount: Decimal


Decisions = dict[str, list[Decision]]


def state_of(decisions: Sequence[Decision]) -> str:
    """What became of a line by its decisions, the latest last."""
    last = next((said.decision for said in reversed(decisions) if said.decision not in SILENT), "split")
    return "proposed" if last in ANEW else last


def binding_of(decisions: Sequence[Decision]) -> Decimal | None:
    """What the last decision that binds said it is."""
    binding = [decision.amount for decision in decisions if decision.decision in BINDING]
    return binding[-1] if binding else None


async def write(cursor: AsyncCursor[Any], fresh: Iterable[Recorded]) -> tuple[set[Unit], set[str]]:
    """Keep what was decided; the units of the lines decided about, and the persons."""
    decided = [event for event in fresh if event.type.startswith("penalty.")]
    if not decided:
        return set(), set()
    await insert(cursor, DECISIONS, sorted(_row(event) for event in decided))
    if shares := [row for event in decided if event.type == "penalty.split" for row in _shares(event)]:
        await insert(cursor, SHARES, sorted(shares))
    await _write_open(cursor, decided)
    await cursor.execute(
        "SELECT person, unit FROM penalties WHERE id = ANY(%s) AND cause_code <> %s",
        ([_line_of(event) for event in decided], GONE),
    )
    units = {Unit(person, unit) for person, unit in await cursor.fetchall()}
    return units, {event.data["person"] for event in decided}


async def _write_open(cursor: AsyncCursor[Any], decided: Sequence[Recorded]) -> None:
    """Which lines payroll may have something to do about, by the last that was said of each."""
    last = {
        _line_of(event): event
        for event in sorted(decided, key=attrgetter("position"))
        if event.type in OPENING | THROUGH | {"penalty.waived"}
    }
    await delete(cursor, OPEN, [(line,) for line in last])
    opened = [(line, event.data.get("month", "")) for line, event in last.items() if _opens(event)]
    await insert(cursor, OPEN, sorted(opened))


def _opens(event: Recorded) -> bool:
    if event.type in OPENING:
        return True
    return event.type in THROUGH and event.data.get("whole") is False


async def of_persons(cursor: AsyncCursor[Any], persons: Sequence[str]) -> Decisions:
    """What was decided about the lines of these persons."""
    await cursor.execute(
        "SELECT line_id, decision, amount FROM penalty_decisions WHERE person = ANY(%s) "
        "ORDER BY decided_at, position",
        (list(persons),),
    )
    found: Decisions = {}
    for line_id, decision, amount in await cursor.fetchall():
        found.setdefault(line_id, []).append(Decision(decision, amount))
    return found


async def gone(
    cursor: AsyncCursor[Any],
    settings: Settings,
    decisions: Decisions,
    units: Sequence[Unit],
    lines: Collection[str],
) -> list[tuple[Any, ...]]:
    """Rows for what was decided and follows from nothing now, given the lines that these units have."""
    binding = {line: binding_of(said) for line, said in decisions.items()}
    wanted = [
        line
        for line, amount in binding.items()
        if amount and line not in lines and state_of(decisions[line]) not in DROPPED
    ]
    if not wanted:
        return []
    await cursor.execute(
        "SELECT p.id FROM penalties p WHERE p.id = ANY(%s) AND p.cause_code <> %s AND NOT EXISTS "
        "(SELECT FROM unnest(%s::text[], %s::text[]) AS u (person, unit) "
        "WHERE u.person = p.person AND u.unit = p.unit)",
        (wanted, GONE, [unit.person for unit in units], [unit.name for unit in units]),
    )
    elsewhere = {line for (line,) in await cursor.fetchall()}
    await cursor.execute(
        "SELECT DISTINCT ON (line_id) line_id, person, currency, decided_at, clause, edition, position "
        "FROM penalty_decisions WHERE line_id = ANY(%s) AND decision = ANY(%s) "
        "ORDER BY line_id, decided_at DESC, position DESC",
        (sorted(set(wanted) - elsewhere), sorted(BINDING)),
    )
    return [
        gone_row(settings, said, state_of(decisions[said[0]]), binding[said[0]])
        for said in await cursor.fetchall()
    ]


def gone_row(
    settings: Settings, said: tuple[Any, ...], state: str, decided: Decimal | None
) -> tuple[Any, ...]:
    """What was decided and follows from nothing now, made of the last decision that binds."""
    line, person, currency, decided_at, clause, edition, position = said
    assert decided is not None
    nothing = Decimal(0)
    head = (line, person, local_month(settings, decided_at), _pack_of(settings, clause, edition), edition)
    cause = (clause, GONE, line, [position])
    money = (nothing, 1, nothing, currency)
    return (
        *(*head, clause, [clause], f"penalty/{line}", decided_at, 0, 1),
        *(*money, *cause, state, decided, -decided),
        *("fine", None, None, None, None, None, 1, "", ""),
    )


def _pack_of(settings: Settings, clause: str, edition: int) -> str:
    """The policy the decision named, as far as it is adopted."""
    for pack in sorted(settings.packs):
        book = settings.edition(pack, edition)
        if book is not None and any(known.id == clause for known in book.clause):
            return pack
    return ""


def _shares(event: Recorded) -> Iterator[tuple[Any, ...]]:
    for rank, share in enumerate(event.data["shares"]):
        head = _line_of(event), event.position, rank
        yield *head, share["person"], Decimal(str(share["amount"])), event.occurred_at


def _line_of(event: Recorded) -> str:
    return event.stream.partition("/")[2]


def _row(event: Recorded) -> tuple[Any, ...]:
    body = event.data
    decision = event.type.partition(".")[2]
    if decision == "appeal-decided":
        decision = "appeal-upheld" if body["upheld"] else "appeal-rejected"
    return (
        _line_of(event),
        event.position,
        decision,
        body["person"],
        Decimal(str(body["amount"])),
        body["currency"],
        event.occurred_at,
        event.actor,
        body["clause"],
        body["edition"],
    )
