"""Kinds of random histories, each with the oracle it is held to. One seed, one history."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from msgspec.structs import replace

import check_oracle
import test_kpi_properties as kpis
import test_ownership_cards as cards
import test_penalty_oracle as penalties
import test_rule_duty_oracle as duties
import test_rule_oracle as clocks
import test_rule_ownership as owners
from arrivals import arriving, as_counted, counts_at, recorded_late
from judging_builders import ZONE, facts
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Settings, assess, evaluate
from onrecord_projections.judging.ownership import evaluate_ownership

WORDS = {word: facts(f"2026-03-05 07:00:00 {line}")[0] for word, line in clocks.WORDS.items()}
ENDS = datetime(2027, 12, 31, tzinfo=UTC)


def a_clock(chance: Random) -> None:
    """A clock with two causes of pause, seen twice: while facts are still to come, and at the end."""
    working = chance.random() < 0.5
    tenant = clocks.WORKING if working else clocks.ELAPSED
    words = [*WORDS, "start", "start", "stop"]
    happened = [
        replace(WORDS[chance.choice(words)], id=f"{nth}", occurred_at=_minute(chance.randrange(8640)))
        for nth in range(chance.randint(1, 9))
    ]
    told: dict[datetime, Recorded] = {}
    for event in recorded_late(chance, happened):
        told.setdefault(counts_at(event), event)  # the oracle knows one fact a minute
    events = sorted(told.values(), key=lambda event: event.position)
    fold = CaseFold.open(tenant, events[0].stream)
    known = events[: chance.randint(1, len(events))]
    for event in known:
        fold.take(event)
    _agrees(fold, known, known[-1].recorded_at, working=working)
    for event in arriving(chance, events):
        fold.take(event)
    _agrees(fold, events, _minute(chance.randrange(14_000)), working=working)


def _agrees(fold: CaseFold, known: list[Recorded], as_of: datetime, *, working: bool) -> None:
    told = {_minutes(counts_at(event)): _word(event) for event in known}
    said = clocks.oracle(told, _minutes(as_of), working=working)
    found = fold.at(as_of).clocks
    got = (found[0].state, None if found[0].due_at is None else _minutes(found[0].due_at)) if found else None
    assert got == said, (as_of, got, said)


def _word(event: Recorded) -> str:
    return next(word for word, one in WORDS.items() if (one.type, one.data) == (event.type, event.data))


def _minute(minutes: int) -> datetime:
    return clocks.BEGAN + timedelta(minutes=minutes)


def _minutes(at: datetime) -> int:
    return int((at - clocks.BEGAN) / timedelta(minutes=1))


def a_duty(chance: Random) -> None:
    """A recurring duty with assignments, ends, and things done for named periods."""
    kind = chance.choice(duties.KINDS)
    days = 40 if kind.every in ("day", "working-day", "week") else 500
    told = [_told(chance, days, "assigned"), *(_told(chance, days) for _ in range(chance.randint(0, 14)))]
    events = recorded_late(chance, duties.events_of(told))
    counted = [
        duties.Told(one.at, item.what, item.person, item.named, item.count)
        for one, item in _in_order(events, told)
    ]
    fold = CaseFold.open(duties.ADOPTED[kind], "duty/1")
    for event in arriving(chance, events):
        fold.take(event)
        if chance.random() < 0.2:
            fold.at(chance.choice(events).recorded_at)
    for as_of in (_moment(chance, days), counted[-1].at):
        assert duties.actual(fold, as_of) == duties.expected(kind, counted, as_of), as_of


class _At:
    def __init__(self, event: Recorded) -> None:
        self.at = event.occurred_at


def _in_order(events: list[Recorded], told: list[duties.Told]) -> list[tuple[_At, duties.Told]]:
    return [(_At(event), told[int(event.id) - 1]) for event in as_counted(events)]


def _told(chance: Random, days: int, what: str = "") -> duties.Told:
    what = what or chance.choice(("assigned", "ended", "done", "done"))
    at = _moment(chance, days)
    if what == "assigned":
        return duties.Told(at, what, chance.choice(("gao", "wu")))
    if what == "ended":
        return duties.Told(at, what)
    day = duties.FIRST + timedelta(days=chance.randint(0, days))
    names = [None, None, f"{day}", duties.name_of("week", day), duties.name_of("month", day)]
    named = chance.choice(
        [*names, chance.choice(("2026-Q1", "2026-Q3", "2026-H1", "2027-H1", "2026", "2027"))]
    )
    return duties.Told(at, what, named=named, count=chance.randint(1, 2))


def _moment(chance: Random, days: int) -> datetime:
    day: date = duties.FIRST + timedelta(days=chance.randint(0, days))
    return duties.start_of(day) + timedelta(seconds=chance.choice((0, 1, 32_400, 43_200, 86_399)))


def a_penalty(chance: Random) -> None:
    """Acts of two people, some told late, priced with steps and ladders; some cases waived, then not."""
    said = {
        (name, person, case): (
            name,
            person,
            case,
            chance.randint(0, 14),
            chance.randint(1, 28),
            chance.randint(1, 3),
        )
        for name, person, case in (
            (
                chance.choice(("LATE", "EVER", "YEAR", "ITEM")),
                chance.choice(("li", "wang")),
                chance.randrange(8),
            )
            for _ in range(chance.randint(0, 14))
        )
    }
    shown = [penalties.finding(one) for one in said.values()]
    events = recorded_late(chance, [_act(one) for one in shown])
    by_id = {f"{one.clause} {one.case}": one for one in shown}
    counted = [replace(by_id[event.id], at=counts_at(event)) for event in events]
    found = _findings(penalties.BOOK, arriving(chance, events))
    waived = {f"{who}-{n}" for who in ("li", "wang") for n in range(8) if chance.random() < 0.3}
    for without in (waived, set[str]()):
        chance.shuffle(found)
        lines = assess(penalties.BOOK, [*found, *found[:3]], without)
        got = sorted((one.person, one.clause, one.case, str(one.amount or one.sanction)) for one in lines)
        assert got == penalties.plainly(counted, without), without


def _act(finding: Any) -> Recorded:
    body = {"code": finding.clause.lower(), "person": finding.person, "count": finding.quantity}
    return Recorded(
        position=0, id=f"{finding.clause} {finding.case}", source="test",
        type="violation.observed", stream=finding.case, occurred_at=finding.at,
        recorded_at=finding.at, data=body,
    )  # fmt: skip


def _findings(tenant: Settings, arrived: list[Recorded]) -> list[Any]:
    folds: dict[str, CaseFold] = {}
    for event in arrived:
        folds.setdefault(event.case, CaseFold.open(tenant, event.case)).take(event)
    return [one for fold in folds.values() for one in fold.at(ENDS).findings]


def a_figure(chance: Random) -> None:
    """Figures moved batch by batch; a figure told again corrects the one before."""
    whats = ("complaint", "answer", "archive", "figure", "stage", "opened", "notified")
    facts_ = {
        (minute, case): kpis.Fact(
            minute, case, chance.choice(whats), chance.choice(kpis.PEOPLE), chance.randrange(3)
        )
        for minute, case in (
            (chance.randrange(3 * 24 * 60), chance.randint(1, 2)) for _ in range(chance.randint(1, 25))
        )
    }
    events = recorded_late(chance, [fact.event(0, 0) for fact in facts_.values()])
    by_id = {f"{fact}": fact for fact in facts_.values()}
    counted: dict[tuple[int, int], kpis.Fact] = {}
    kept = []
    for event in events:
        fact = by_id[event.id]
        minute = int((counts_at(event) - kpis.START) / timedelta(minutes=1))
        if counted.setdefault((minute, fact.case), _moved(fact, minute)) == _moved(fact, minute):
            kept.append(event)  # the oracle knows one fact a minute and case
    arrived = [*kept, *chance.sample(kept, min(len(kept), chance.randint(0, 5)))]
    arrived.sort(key=lambda event: event.recorded_at)
    placed = [replace(event, position=nth) for nth, event in enumerate(arrived, 1)]
    cuts = [chance.randint(0, len(placed)) for _ in range(chance.randint(0, 6))]
    end = kpis.START + timedelta(days=30)
    tick = replace(
        placed[0], position=10**6, id="tick", type="clock.ticked", data={}, stream="nothing/1",
        recorded_at=end, occurred_at=end,
    )  # fmt: skip
    assert sorted(kpis.projected([*placed, tick], cuts)) == kpis.plainly(list(counted.values()))


def _moved(fact: kpis.Fact, minute: int) -> kpis.Fact:
    return kpis.Fact(minute, fact.case, fact.what, fact.who, fact.number)


def an_owner(chance: Random) -> None:
    """Three clients, three salespeople, relatives and a manager who decides otherwise."""
    lines = [_client(chance) for _ in range(chance.randint(1, 14))]
    events = recorded_late(chance, facts(*lines))
    counted = as_counted(events)
    found = evaluate_ownership(
        owners.REGISTRATION, arriving(chance, events), datetime(2026, 5, 1, tzinfo=ZONE)
    )
    asked = owners.instants(counted)
    for when in chance.sample(asked, 12):
        client = chance.choice(owners.STREAMS)
        assert found.owner(client, when) == owners.owner_at(counted, client, when), (client, when)


def _client(chance: Random) -> str:
    stream, who = chance.choice(owners.STREAMS), chance.choice(owners.PEOPLE)
    yes = chance.choice(("true", "true", "false"))
    said = chance.choice(
        (
            f"client.registered salesperson={who} full_name=true phone_given={yes}",
            f"client.registered salesperson={who} full_name=true phone_given=true source=phone",
            f"client.completed salesperson={who} phone_given={yes}",
            f"client.followed-up by={who} channel=call",
            f"client.dealt by={who}",
            f"client.related relative={chance.choice(owners.STREAMS)} relation=spouse",
            f"client.owner-decided owner={who} by=m reason_code=x",
        )
    )
    when = owners.DAY_ONE + timedelta(hours=chance.randint(0, 960))
    return f"{when:%Y-%m-%d %H:%M:%S} {stream} {said}"


def a_card(chance: Random) -> None:
    """Client cards that are signed, followed up, passed on and voided."""
    when, lines = cards.START, []
    for _ in range(chance.randint(1, 16)):
        when += timedelta(hours=chance.randint(1, 60), seconds=chance.choice((0, 1)))
        lines.append(f"{when:%Y-%m-%d %H:%M:%S} {_of_card(chance)}")
    events = recorded_late(chance, facts(*lines, case="client/1"))
    counted = as_counted(events)
    found = evaluate_ownership(cards.CARDS, arriving(chance, events), cards.START + timedelta(days=60))
    midnights = [datetime(2026, 6, 1, tzinfo=ZONE) + timedelta(days=day) for day in range(60)]
    asked = [*(event.occurred_at.astimezone(ZONE) for event in counted), *midnights]
    for moment in chance.sample(asked, 20):
        for when in (moment, moment - timedelta(seconds=1)):
            assert found.owner("client/1", when) == cards.holder_at(counted, when), when


def _of_card(chance: Random) -> str:
    who, channel = chance.choice(cards.PEOPLE), chance.choice(("call", "sms"))
    return chance.choice(
        (
            f"client.card-created salesperson={who} long_term=true",
            f"client.card-created salesperson={who}",
            "client.card-signed by=leader",
            f"client.followed-up by={who} channel={channel}",
            f"client.followed-up by={who} channel={channel}",
            "client.follow-up-signed by=leader",
            f"client.transferred to={who} by=leader",
            "client.voided by=leader reason_code=x",
        )
    )


def a_check(chance: Random) -> None:
    """Limits, counts, times and approvals of one case, looked at between the events and at the end."""
    events = recorded_late(chance, check_oracle.facts(chance))
    counted = as_counted(events)
    fold = CaseFold.open(check_oracle.BOOK, "case/1")
    for event in arriving(chance, events):
        fold.take(event)
        if chance.random() < 0.2:
            fold.at(chance.choice(events).recorded_at)
    for as_of in (chance.choice(counted).occurred_at, ENDS):
        found = evaluate(check_oracle.BOOK, events, as_of).findings
        assert fold.at(as_of).findings == found
        rows = [(one.clause, one.at.astimezone(ZONE), one.quantity, one.value) for one in found]
        said = [
            (name, at.astimezone(ZONE), count, value)
            for name, at, count, value in check_oracle.oracle(counted, as_of)
        ]
        assert sorted(rows, key=str) == sorted(said, key=str), as_of


KINDS: dict[str, tuple[Callable[[Random], None], int]] = {
    "clock": (a_clock, 20),
    "check": (a_check, 36),
    "penalty": (a_penalty, 24),
    "duty": (a_duty, 6),
    "card": (a_card, 7),
    "figure": (a_figure, 5),
    "owner": (an_owner, 2),
}
"""What is tried, and how many of a hundred histories are of it."""


def kind_of(seed: int) -> str:
    """Which kind a seed makes."""
    shares = {name: share for name, (_, share) in KINDS.items()}
    return Random(f"kind {seed}").choices([*shares], [*shares.values()])[0]


def judge(seed: int) -> str:
    """One history against its oracle; the kind it was of. Raises AssertionError."""
    name = kind_of(seed)
    KINDS[name][0](Random(seed))
    return name
