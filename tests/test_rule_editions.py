"""Editions: amended on the record, running clocks moved only by a recorded act, days over counted each."""

from hashlib import sha256

import pytest

from judging_builders import ADOPTED, EXAMPLE, HEAD, ZONE, adopting, at, clause, facts, policy, story
from onrecord_projections.judging import CaseFold, Settings, evaluate

FIRST = HEAD + clause()
SECOND = HEAD.replace("edition = 1", "edition = 2").replace("2020-01-01", "2026-03-03") + clause(
    target='"PT2H"'
)
REGISTERED = "2026-03-02 23:00:00 complaint.registered severity=minor"
AMENDED = "2026-03-03T00:00:00+08:00"
JULY = "2026-07-01T00:00:00+08:00"


def amended(settings: Settings, **more: object) -> Settings:
    body = {"pack": "test", "edition": 2, "amends": 1, "content": SECOND, **more}
    return settings.evolve(policy(20, "rulebook.amended", AMENDED, **body))


def migrated(settings: Settings, since: str, to: int = 2) -> Settings:
    body = {"pack": "test", "from_edition": 1, "to_edition": to, "by": "gao"}
    return settings.evolve(policy(21, "rulebook.migrated", since, **body))


def test_an_amended_policy_leaves_running_clocks_alone() -> None:
    settings = amended(adopting(FIRST))
    assert settings.problems == ()
    assert story(settings, [REGISTERED], "2026-03-03 01:00:00") == "running, due 2026-03-03 07:00:00"
    later = "2026-03-03 00:00:00 complaint.registered severity=minor"
    assert story(settings, [later], "2026-03-03 01:00:00") == "running, due 2026-03-03 02:00:00"


@pytest.mark.parametrize(
    ("since", "then"),
    [
        ("2026-03-03T00:30:00+08:00", "breached, due 2026-03-03 01:00:00"),  # two hours from its own start
        ("2026-03-03T05:00:00+08:00", "breached, due 2026-03-03 05:00:00"),  # not late before it was decided
        ("2026-03-03T07:00:01+08:00", "breached, due 2026-03-03 07:00:00"),  # broken by then: it stays so
    ],
)
def test_a_running_clock_moves_to_another_edition_by_a_recorded_act(since: str, then: str) -> None:
    settings = migrated(amended(adopting(FIRST)), since)
    assert story(settings, [REGISTERED], "2026-03-05 00:00:00") == then


def test_a_moved_clock_says_so_and_stops_by_the_new_edition() -> None:
    other = SECOND.replace('stops_on = ["complaint.answered"]', 'stops_on = ["complaint.closed"]')
    settings = migrated(adopting(FIRST, other), "2026-03-03T00:30:00+08:00")
    lines = [REGISTERED, "2026-03-03 00:40:00 complaint.answered", "2026-03-03 00:50:00 complaint.closed"]
    (clock,) = evaluate(settings, facts(*lines), at("2026-03-04 00:00:00")).clocks
    assert (clock.edition, clock.state, clock.stopped_by) == (2, "met", "example#3")


def test_a_clause_the_other_edition_lacks_is_owed_no_more() -> None:
    other = SECOND.replace('id = "T-1"', 'id = "T-9"')
    settings = migrated(adopting(FIRST, other), "2026-03-03T00:30:00+08:00")
    assert story(settings, [REGISTERED], "2026-03-04 00:00:00") == "cancelled, due 2026-03-03 07:00:00"


def test_what_was_paused_keeps_its_pause_when_it_moves() -> None:
    asked, answered = "complaint.customer-asked", "complaint.customer-answered"
    pause = f'[{{ cause = "asked", begins_on = "{asked}", ends_on = "{answered}" }}]'
    first = HEAD + clause(pause=pause)
    second = SECOND.replace('target = "PT2H"', f'target = "PT4H"\npause = {pause}')
    settings = migrated(adopting(first, second), "2026-03-03T02:00:00+08:00")
    lines = [
        REGISTERED,
        "2026-03-03 00:00:00 complaint.customer-asked question_code=when",
        "2026-03-03 01:00:00 complaint.customer-answered",
    ]
    # one hour counted before the pause and one after it: two of four are left at two o'clock
    assert story(settings, lines, "2026-03-03 03:00:00") == "running, due 2026-03-03 04:00:00"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"amends": 7}, "amends edition 7, but"),
        ({"content_sha256": sha256(b"other").hexdigest()}, "not the one whose SHA-256"),
    ],
)
def test_an_amendment_that_fits_nothing_changes_nothing(body: dict[str, object], why: str) -> None:
    settings = amended(adopting(FIRST), **body)
    assert why in settings.problems[0].message
    assert story(settings, [REGISTERED], "2026-03-03 01:00:00") == "running, due 2026-03-03 07:00:00"


def test_clocks_cannot_move_to_an_edition_nobody_adopted() -> None:
    settings = migrated(adopting(FIRST), ADOPTED, to=5)
    assert "test edition 5 was never adopted" in settings.problems[0].message


DAILY = HEAD + clause(measure='"calendar_days"', target='"P2D"', repeats='"calendar_day"')
WORKING = HEAD + clause(measure='"working_days"', target='"P1D"', repeats='"working_day"')


@pytest.mark.parametrize(
    ("text", "stopped", "days"),
    [
        (DAILY, "2026-04-04 23:59:59", []),
        (DAILY, "2026-04-05 00:00:00", ["04-05"]),
        (DAILY, "2026-04-06 23:59:59", ["04-05", "04-06"]),
        (DAILY, "2026-04-07 00:00:00", ["04-05", "04-06", "04-07"]),
        (WORKING, "2026-04-04 00:00:00", ["04-04"]),  # then a holiday until the 7th
        (WORKING, "2026-04-07 23:59:59", ["04-04"]),
        (WORKING, "2026-04-08 00:00:00", ["04-04", "04-08"]),
    ],
)
def test_each_further_day_over_is_found_again(text: str, stopped: str, days: list[str]) -> None:
    lines = ["2026-04-02 10:00:00 complaint.registered severity=minor", f"{stopped} complaint.answered"]
    findings = evaluate(adopting(text), facts(*lines), at("2026-12-31 00:00:00")).findings
    assert [f"{finding.at.astimezone(at(stopped).tzinfo):%m-%d}" for finding in findings] == days
    assert [finding.instance for finding in findings] == ["example#1", "example#1+1", "example#1+2"][
        : len(days)
    ]


def test_an_open_breach_says_when_it_is_found_next() -> None:
    events = facts("2026-04-02 10:00:00 complaint.registered severity=minor")
    fold = CaseFold(adopting(DAILY), "complaint/1")
    fold.take(events[0])
    seen = []
    look = at("2026-04-03 00:00:00")
    for _ in range(4):
        seen.append(len(fold.at(look).findings))
        next_due = fold.next_due
        assert next_due is not None
        look = next_due
    assert seen == [0, 1, 2, 3]
    assert look == at("2026-04-08 00:00:00")


APPROVED = """
[[clause]]
id = "T-9"
cites = "9"
says_en = "Adopted with somebody's approval."
says_zh = "须经批准施行。"
kind = "checklist"
event = [{ event = "rulebook.adopted", where = { pack = "test" } }]
filled = ["approved_by"]
finding = "adopted-without-approval"
""" + EXAMPLE.replace("no clock", "nothing found")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", ["adopted-without-approval 2026-07-01 00:00"]),  # when it takes effect, not when it was decided
        ("approved_by=gm", []),
    ],
)
def test_a_policy_may_ask_who_approved_it(said: str, found: list[str]) -> None:
    decided = f"2026-06-01 09:00:00 rulebook.adopted pack=test edition=1 effective_at={JULY} {said}".strip()
    findings = evaluate(adopting(FIRST + APPROVED), facts(decided), at("2026-08-01 00:00:00")).findings
    assert [f"{item.code} {item.at.astimezone(ZONE):%Y-%m-%d %H:%M}" for item in findings] == found
