"""A clock that stops only when several things have all happened, whoever came first."""

import pytest

from judging_builders import HEAD, adopting, at, clause, facts, folded, said, story
from onrecord_projections.judging import evaluate
from onrecord_projections.judging.check import check

BOTH = {
    "starts_on": '[{ becomes = { severity = "major" } }]',
    "stops_on": (
        '[{ event = "complaint.major-reported", where = { to = "brand" } }, '
        '{ event = "complaint.major-reported", where = { to = "legal" } }]'
    ),
    "target": '"PT24H"',
    "on_change": '"from-change"',
}
MAJOR = "2026-10-01 22:00:00 complaint.classified severity=major"
BRAND = "complaint.major-reported to=brand"
LEGAL = "complaint.major-reported to=legal"
SETTINGS = adopting(HEAD + clause(**BOTH, all_stops="true"))


@pytest.mark.parametrize(
    ("then", "comes_out"),
    [
        pytest.param(
            (f"2026-10-02 20:00:00 {BRAND}", f"2026-10-02 22:00:00 {LEGAL}"),
            "met, due 2026-10-02 22:00:00",
            id="the-later-one-in-time",
        ),
        pytest.param(
            (f"2026-10-02 20:00:00 {BRAND}", f"2026-10-02 22:00:01 {LEGAL}"),
            "breached, due 2026-10-02 22:00:00, late 0:00:01",
            id="the-later-one-late",
        ),
        pytest.param(
            (f"2026-10-02 20:00:00 {LEGAL}", f"2026-10-02 21:00:00 {LEGAL}"),
            "breached, due 2026-10-02 22:00:00",
            id="one-of-them-twice-is-not-both",
        ),
        pytest.param(
            (f"2026-10-02 20:00:00 {LEGAL}", f"2026-10-02 21:00:00 {BRAND}"),
            "met, due 2026-10-02 22:00:00",
            id="in-any-order",
        ),
    ],
)
def test_the_last_addressee_stops_it(then: tuple[str, ...], comes_out: str) -> None:
    assert story(SETTINGS, (MAJOR, *then), "2026-10-03 00:00:00") == comes_out


def test_what_was_told_before_the_clock_began_does_not_count() -> None:
    early = f"2026-10-01 21:00:00 {BRAND}"
    told = (early, MAJOR, f"2026-10-02 20:00:00 {LEGAL}")
    assert story(SETTINGS, told, "2026-10-02 23:00:00") == "breached, due 2026-10-02 22:00:00"


def test_disorder_changes_nothing() -> None:
    events = facts(MAJOR, f"2026-10-02 20:00:00 {BRAND}", f"2026-10-02 22:00:01 {LEGAL}")
    seen_at = at("2026-10-03 00:00:00")
    straight = said(evaluate(SETTINGS, events, seen_at))
    assert said(folded(SETTINGS, reversed(events)).at(seen_at)) == straight


def test_either_of_them_is_enough_where_the_clause_does_not_ask_for_all() -> None:
    either = adopting(HEAD + clause(**BOTH))
    assert story(either, (MAJOR, f"2026-10-02 20:00:00 {BRAND}"), "2026-10-03 00:00:00") == (
        "met, due 2026-10-02 22:00:00"
    )


@pytest.mark.parametrize(
    "changed", [{"stops_on": '["complaint.major-reported"]'}, {"on_change": '"from-original-start"'}]
)
def test_one_stop_is_not_several_and_none_lies_in_the_past(changed: dict[str, str]) -> None:
    (fault,) = check(HEAD + clause(**{**BOTH, "all_stops": "true", **changed}), "test.toml")
    assert "`all_stops` needs several of them" in fault.message
