"""Whose penalty it is when a broken clock's case was handed over: by the tenant's reading, to the cent."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from judging_builders import HEAD, adopting, at, clause, facts, folded, policy, shipping
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Settings, assess, evaluate, line_said
from onrecord_projections.judging.hands import hands_of
from onrecord_projections.judging.pricing.amounts import part
from onrecord_services.api.page.sum_words import sentence
from test_penalty_pricing import clause as priced

POLICIES = ("clause-person", "at-breach", "proportional", "first-delayer")
PROMISE = clause(owner='"received_by"')
"""Eight hours; of whoever took the complaint down."""
FINE = priced("FINE", 'breach_of = "T-1"\namount = 50')
DAILY = """
starts_on = [{ event = "duty.assigned", where = { duty = "clean" } }]
ends_on = ["duty.ended"]
stops_on = [{ event = "duty.done", where = { duty = "clean" } }]
every = "day"
owner = "person"
"""
LATER = at("2026-12-31 00:00:00")


def tenant(policy: str, *clauses: str) -> Settings:
    return adopting(HEAD + PROMISE + "".join(clauses or (FINE,)), readings={"handover.penalty": policy})


def lines_of(settings: Settings, told: Sequence[Recorded], as_of: str = "2026-12-31 00:00:00") -> list[str]:
    found = assess(settings, evaluate(settings, told, at(as_of)).findings)
    return sorted(f"{line.person} {line.clause}: {line_said(line)}" for line in found)


TAKEN = "2026-07-13 08:00:00 complaint.registered severity=minor received_by=chen"
MOVED = "2026-07-13 14:00:00 handover.accepted giver=chen taker=wang"
ENDED = "2026-07-13 20:00:00 complaint.answered"
"""Chen had it six of the eight hours, wang six more: it was due at 16:00 and stopped at 20:00."""


@pytest.mark.parametrize(
    ("policy", "then"),
    [
        ("clause-person", ["chen FINE: 50.00 CNY"]),
        ("at-breach", ["wang FINE: 50.00 CNY"]),
        ("proportional", ["chen FINE: 25.00 CNY", "wang FINE: 25.00 CNY"]),
        ("first-delayer", ["chen FINE: 50.00 CNY"]),
    ],
)
def test_the_penalty_goes_as_the_tenant_reads_it(policy: str, then: list[str]) -> None:
    assert lines_of(tenant(policy), facts(TAKEN, MOVED, ENDED)) == then


def test_without_a_word_of_the_tenant_it_is_the_clauses_person() -> None:
    settings = adopting(HEAD + PROMISE + FINE)
    assert settings.reading("handover.penalty", LATER) == "clause-person"
    assert lines_of(settings, facts(TAKEN, MOVED, ENDED)) == ["chen FINE: 50.00 CNY"]


@pytest.mark.parametrize("policy", POLICIES)
def test_what_was_never_handed_over_is_never_moved(policy: str) -> None:
    assert lines_of(tenant(policy), facts(TAKEN, ENDED)) == ["chen FINE: 50.00 CNY"]
    assert lines_of(tenant(policy), facts(TAKEN, MOVED.replace("07-13 14", "07-14 09"), ENDED)) == [
        "chen FINE: 50.00 CNY"
    ]


def test_the_departments_clock_stays_the_departments() -> None:
    settings = adopting(
        HEAD + clause(owner='"channel"') + FINE, readings={"handover.penalty": "proportional"}
    )
    told = facts(TAKEN.replace("severity", "channel=phone severity"), MOVED, ENDED)
    assert lines_of(settings, told) == ["phone FINE: 50.00 CNY"]


def test_cents_that_do_not_divide_go_to_the_largest_remainders_the_earlier_first() -> None:
    told = facts(
        TAKEN,
        "2026-07-13 12:00:00 handover.accepted giver=chen taker=wang",
        "2026-07-13 16:00:00 handover.accepted giver=wang taker=li",
        ENDED,
    )
    assert lines_of(tenant("proportional"), told) == [
        "chen FINE: 16.67 CNY",
        "li FINE: 16.66 CNY",
        "wang FINE: 16.67 CNY",
    ]


def test_while_it_is_open_it_is_whose_it_was_at_the_limit_and_divided_at_the_stop() -> None:
    settings, open_still = tenant("proportional"), facts(TAKEN, MOVED)
    assert lines_of(settings, open_still, "2026-07-13 16:00:00") == []
    assert lines_of(settings, open_still, "2026-07-13 16:00:01") == ["wang FINE: 50.00 CNY"]
    assert lines_of(settings, open_still) == ["wang FINE: 50.00 CNY"]
    assert lines_of(settings, facts(TAKEN, MOVED, ENDED)) == ["chen FINE: 25.00 CNY", "wang FINE: 25.00 CNY"]


def test_a_hand_over_that_is_told_of_late_moves_the_lines() -> None:
    """Accepted at 14:00 and on record at 21:00; the tenant counts what is told the same day."""
    settings = tenant("proportional")
    fold = CaseFold.open(settings, "complaint/1")
    told = facts(TAKEN, ENDED, f"{MOVED} @recorded=2026-07-13T21:00+08:00")
    seen = []
    for event in told:
        fold.take(event)
        found = assess(settings, fold.at(at("2026-07-13 22:00:00")).findings)
        seen.append([(line.person, line.amount, line.id) for line in found])
    assert [[(person, amount) for person, amount, _ in one] for one in seen] == [
        [("chen", Decimal(50))],
        [("chen", Decimal(50))],
        [("chen", Decimal(25)), ("wang", Decimal(25))],
    ]
    assert seen[1][0][2] == seen[2][0][2], "what was decided of chen's line stays with it"


def test_the_reading_holds_that_stood_at_the_limit() -> None:
    """It was due at 16:00. Whatever is decided a second later is for other clocks."""
    told = facts(TAKEN, MOVED, ENDED)
    for since, bearer in {"16:00:00": "wang", "16:00:01": "chen"}.items():
        settings = tenant("clause-person").evolve(
            policy(
                40, "reading.set", f"2026-07-13T{since}+08:00", reading="handover.penalty", value="at-breach"
            )
        )
        assert lines_of(settings, told) == [f"{bearer} FINE: 50.00 CNY"]


def test_a_line_rests_on_the_hand_overs_too() -> None:
    (found,) = evaluate(tenant("at-breach"), facts(TAKEN, MOVED, ENDED), LATER).findings
    assert (found.person, found.at_limit, found.evidence) == ("wang", "wang", (1, 3, 2))


def test_in_nobodys_hands_at_the_limit_it_stays_with_the_clauses_person() -> None:
    """Zhao took down a complaint about himself, so nobody had it; after the limit it came to him."""
    told = facts(
        f"{TAKEN.replace('chen', 'zhao')} accused=zhao",
        "2026-07-13 17:00:00 handover.accepted giver=x taker=wang",
        "2026-07-13 18:00:00 handover.accepted giver=wang taker=zhao",
        ENDED,
    )
    assert lines_of(tenant("at-breach"), told) == ["zhao FINE: 50.00 CNY"]


def test_a_duty_is_of_whom_it_was_given_to_whoever_has_the_case() -> None:
    duty = priced("CLEAN", DAILY, "recurring").replace('"no fine"', '"no clock"')
    fine = priced("FINE", 'breach_of = "CLEAN"\namount = 50')
    settings = adopting(HEAD + duty + fine, readings={"handover.penalty": "at-breach"})
    told = facts(
        TAKEN.replace("chen", "sun"),
        "2026-07-13 08:00:00 duty.assigned duty=clean person=sun",
        "2026-07-13 09:00:00 handover.accepted giver=sun taker=wang",
        "2026-07-14 09:00:00 duty.ended",
    )
    assert {line.split()[0] for line in lines_of(settings, told)} == {"sun"}


def test_hands_are_told_in_whole_seconds() -> None:
    told = facts(TAKEN, "2026-07-13T14:00:00.600+08:00 handover.accepted giver=chen taker=wang")
    assert [hand.since for hand in hands_of(Settings(), told)] == [
        at("2026-07-13 08:00:00"),
        at("2026-07-13 14:00:00"),
    ]


SANCTION = priced("WARN", 'breach_of = "T-1"\nsanction = "warning"')
BOTH = priced("BOTH", 'breach_of = "T-1"\namount = 10\nsanction = "public-criticism"')


def test_what_cannot_be_divided_goes_to_whoever_had_it_at_the_limit() -> None:
    assert lines_of(tenant("proportional", SANCTION, BOTH), facts(TAKEN, MOVED, ENDED)) == [
        "chen BOTH: 5.00 CNY",
        "wang BOTH: 5.00 CNY, public-criticism",
        "wang WARN: warning",
    ]


def test_whoever_had_it_at_the_limit_has_the_sanction_without_a_second_of_the_overrun() -> None:
    """Wang had it the one second up to the limit: of one second late, nothing is his."""
    told = facts(
        TAKEN,
        "2026-07-13 15:59:59 handover.accepted giver=chen taker=wang",
        "2026-07-13 16:00:01 complaint.answered",
    )
    assert lines_of(tenant("proportional", SANCTION, FINE), told) == [
        "chen FINE: 50.00 CNY",
        "wang WARN: warning",
    ]


def test_a_shared_case_is_one_time_for_each_who_bears_it_and_what_a_ladder_brings_is_not_shared() -> None:
    ladder = priced(
        "TWICE", 'of = ["FINE"]\nfrom_nth = 2\nfactor = 2\nthen = { sanction = "warning" }', "ladder"
    )
    settings = tenant("proportional", FINE, ladder)
    whole = [line.replace("07-13", "07-14") for line in (TAKEN, ENDED)]
    found = [
        *evaluate(settings, facts(*whole, case="complaint/2"), LATER).findings,
        *evaluate(
            settings,
            facts(*(line.replace("07-13", "07-15") for line in (TAKEN, MOVED, ENDED)), case="complaint/3"),
            LATER,
        ).findings,
        *evaluate(
            settings,
            facts(*(line.replace("07-13", "07-16") for line in (TAKEN, ENDED)), case="complaint/4"),
            LATER,
        ).findings,
    ]
    said = [(line.person, line.case[-1], line_said(line)) for line in assess(settings, found)]
    assert sorted(said) == [
        ("chen", "2", "50.00 CNY"),
        ("chen", "3", "50.00 CNY"),  # half of 50, twice as much for the second time
        ("chen", "4", "100.00 CNY"),
        ("chen", "4", "warning"),  # with the first whole case from the second time on
        ("wang", "3", "25.00 CNY"),
    ]


def test_a_further_day_is_whose_it_was_on_that_day() -> None:
    daily = clause(owner='"received_by"', repeats='"calendar_day"', measure='"calendar_days"', target='"P1D"')
    settings = adopting(HEAD + daily + FINE, readings={"handover.penalty": "at-breach"})
    told = facts(
        TAKEN,
        "2026-07-15 12:00:00 handover.accepted giver=chen taker=wang",
        "2026-07-17 09:00:00 complaint.answered",
    )
    found = evaluate(settings, told, LATER).findings
    assert [(one.person, f"{one.at.astimezone(LATER.tzinfo):%d}") for one in found] == [
        ("chen", "15"),  # due at the end of the 14th
        ("wang", "16"),
        ("wang", "17"),
    ]
    divided = adopting(HEAD + daily + FINE, readings={"handover.penalty": "proportional"})
    assert len(assess(divided, evaluate(divided, told, LATER).findings)) == 6


def test_where_nothing_says_who_had_it_first_the_giver_did() -> None:
    """CC02-E1, an archive: three working days from Friday the 13th, so until Wednesday the 18th."""
    told = facts(
        "2026-03-13 10:00:00 vehicle.delivered car=V1 consultant=li",
        "2026-03-17 10:00:00 handover.accepted giver=li taker=wang",
        "2026-03-19 10:00:00 archive.handed-over by=wang",
        case="archive/V1",
    )
    for value, then in {
        "at-breach": {"wang": "50.00"},
        "proportional": {"li": "33.33", "wang": "16.67"},
    }.items():
        settings = shipping("cc02-archive", readings={"handover.penalty": value})
        lines = assess(settings, evaluate(settings, told, at("2026-03-31 00:00:00")).findings)
        assert {line.person: str(line.amount) for line in lines} == then


def test_the_page_says_who_bears_it_and_what_part() -> None:
    part_ = {"op": "part", "of": {"seconds": 7_200, "overrun": 14_400}, "gives": "25.00"}
    borne = {"op": "borne", "of": {"policy": "at-breach"}, "gives": "wang"}
    assert sentence("en", part_) == "For 7200 of the 14400 seconds it was late, that is 25.00."
    assert sentence("zh", part_) == "超期共 14400 秒，按其中 7200 秒分摊，为 25.00。"
    assert sentence("en", borne) == (
        "wang bears it, by the tenant's reading (all of it whoever had it at the limit)."
    )
    assert sentence("zh", borne) == "由 wang 承担（按本单位解释：超期时的持有人全部承担）。"


@given(
    cents=st.integers(0, 100_000),
    parts=st.lists(st.integers(0, 10**6), min_size=1, max_size=6).filter(any),
)
def test_parts_of_an_amount_are_the_amount_and_nobody_is_a_cent_off(cents: int, parts: list[int]) -> None:
    whole = Decimal(cents) / 100
    found = [part(whole, parts, rank) for rank in range(len(parts))]
    assert sum(found) == whole
    exact = [Fraction(whole) * own / sum(parts) for own in parts]
    assert all(abs(Fraction(got) - due) < Fraction(1, 100) for got, due in zip(found, exact, strict=True))


SHORT = HEAD + clause(owner='"received_by"', target='"PT40S"') + FINE
SHORTLY = {policy: adopting(SHORT, readings={"handover.penalty": policy}) for policy in POLICIES}


def second_by_second(moves: list[tuple[int, str]], stop: int | None, policy: str) -> dict[str, int]:
    """Cents a person, by somebody who writes down each second who has it. Due at 40, looked at much later."""
    last, holder = 41, "chen"
    for second, who in moves:
        last, holder = (max(last, second), who) if who != holder else (last, holder)
    until = stop if stop is not None else last
    holders = [_had_it(moves, second) for second in range(until)]
    at_limit = _had_it(moves, 40)
    if policy == "clause-person" or all(who == "chen" for _, who in moves):
        return {"chen": 5000}
    if policy == "at-breach" or (policy == "proportional" and stop is None):
        return {at_limit: 5000}
    if policy == "first-delayer":
        people, had = len(set(holders)), dict.fromkeys(holders, 0)
        for nth, who in enumerate(holders):
            had[who] += 1
            goes_on = nth + 1 < len(holders) and holders[nth + 1] == who
            if not goes_on and had[who] * people > 40:
                return {who: 5000}
        raise AssertionError("together they had it longer than the limit")
    seconds = most_even(until - 40, {who: holders.count(who) for who in dict.fromkeys(holders)})
    return {
        who: part for who, part in most_even(5000, {w: s for w, s in seconds.items() if s}).items() if part
    }


def _had_it(moves: list[tuple[int, str]], second: int) -> str:
    return next((who for since, who in reversed(moves) if since <= second), "chen")


def most_even(whole: int, weights: dict[str, int]) -> dict[str, int]:
    """Unit by unit to whoever is furthest below his due, each at most one above it rounded down."""
    due = {who: Fraction(whole * weight, sum(weights.values())) for who, weight in weights.items()}
    given = {who: due[who].__floor__() for who in weights}
    while sum(given.values()) < whole:
        given[max(weights, key=lambda who: due[who] - given[who])] += 1
    return given


@tried(max_examples=400, deadline=None)
@example([(40, "wang")], 60, "at-breach", 0)
@example([(41, "wang")], 60, "at-breach", 0)
@example([(14, "li"), (45, "wang"), (50, "li")], None, "first-delayer", 0)
@example([(14, "li"), (41, "wang"), (42, "chen"), (42, "wang")], None, "first-delayer", 0)
@given(
    moves=st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["chen", "wang", "li"])), max_size=5),
    stop=st.one_of(st.none(), st.integers(41, 120)),
    policy=st.sampled_from(POLICIES),
    seed=st.integers(0, 10_000),
)
def test_any_hand_overs_in_any_order_of_arrival_come_to_what_somebody_counts_by_the_second(
    moves: list[tuple[int, str]], stop: int | None, policy: str, seed: int
) -> None:
    moves = sorted(moves, key=lambda move: move[0])
    told = ["2026-07-13 08:00:00 complaint.registered severity=minor received_by=chen"]
    told += [
        f"2026-07-13 08:{second // 60:02}:{second % 60:02} handover.accepted giver=x taker={who}"
        for second, who in moves
    ]
    if stop is not None:
        told.append(f"2026-07-13 08:{stop // 60:02}:{stop % 60:02} complaint.answered")
    settings = SHORTLY[policy]
    events = facts(*told)
    shuffled = [*events, *Random(seed).sample(events, min(2, len(events)))]
    Random(seed).shuffle(shuffled)
    expected = second_by_second(moves, stop, policy)
    for verdict in (
        evaluate(settings, shuffled, at("2026-07-13 09:00:00")),
        folded(settings, shuffled).at(at("2026-07-13 09:00:00")),
    ):
        lines = assess(settings, verdict.findings)
        assert {line.person: int(line.amount * 100) for line in lines if line.amount} == expected
        assert len({line.id for line in lines}) == len(lines) == len(expected)
