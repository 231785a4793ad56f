"""What an event does to its case beside starting and stopping a clock: papers, acts, retractions, counts."""

import pytest

from judging_builders import EXAMPLE, HEAD, ZONE, adopting, at, facts, policy
from onrecord_projections.judging import CaseFold, Settings, evaluate
from onrecord_projections.judging.examples import finding_said

NONE_FOUND = EXAMPLE.replace("no clock", "nothing found")


def check(id_: str, *lines: str) -> str:
    """One clause that finds something."""
    head = f'id = "{id_}"\ncites = "1"\nsays_en = "Says."\nsays_zh = "说。"'
    return "\n".join(("[[clause]]", head, *lines, NONE_FOUND))


def found(settings: Settings, *lines: str) -> list[str]:
    verdict = evaluate(settings, facts(*lines), at("2027-01-01 00:00:00"))
    return [f"{one.clause} {finding_said(one, ZONE)}" for one in verdict.findings]


CARD_NEEDED = check(
    "T-1",
    'kind = "required"',
    'needs = [{ event = "record.filed", where = { form = "card" } }]',
    'checked_on = [{ event = "stage.reached", where = { stage = "lent" } }]',
    'finding = "no-card"',
)
CARD = "record.filed form=card"
LENT = "stage.reached stage=lent"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([f"2026-03-02 09:00:00 {CARD}", f"2026-03-02 10:00:00 {LENT}"], []),
        ([f"2026-03-02 10:00:00 {LENT}"], ["T-1 found no-card at 2026-03-02 10:00:00"]),
        (
            [f"2026-03-02 10:00:00 {LENT}", f"2026-03-03 10:00:00 {LENT}"],
            ["T-1 found no-card at 2026-03-02 10:00:00"],
        ),
        (
            [f"2026-03-02 10:00:00 {LENT}", f"2026-03-02 10:00:01 {CARD}"],
            ["T-1 found no-card at 2026-03-02 10:00:00"],
        ),
    ],
    ids=["there", "lacking", "asked-for-twice", "too-late"],
)
def test_a_paper_that_must_be_there_is_missed_once(lines: list[str], expected: list[str]) -> None:
    assert found(adopting(HEAD + CARD_NEEDED), *lines) == expected


def test_a_policy_that_was_withdrawn_asks_for_no_paper() -> None:
    gone = policy(20, "rulebook.withdrawn", "2026-03-02T10:00:00+08:00", pack="test")
    settings = adopting(HEAD + CARD_NEEDED).evolve(gone)
    assert found(settings, f"2026-03-02 10:00:00 {LENT}") == []
    assert found(settings, f"2026-03-02 09:59:59 {LENT}") == ["T-1 found no-card at 2026-03-02 09:59:59"]


PAGES_NEEDED = check(
    "T-1",
    'kind = "required"',
    'needs = [{ event = "record.filed", where = { form = "page" } }]',
    'checked_on = [{ event = "act.done", where = { act = "bind" } }]',
    'number_fact = "guests"',
    'distinct_field = "kind"',
    'finding = "pages-missing"',
)
BOUND = "2026-03-02 12:00:00 act.done act=bind by=li"


@pytest.mark.parametrize(
    ("guests", "pages", "times"),
    [
        ("guests=3", "ab", 1),
        ("guests=3", "aab", 1),
        ("guests=3", "a", 2),
        ("guests=2", "abc", 0),
        ("", "", 0),
    ],
)
def test_each_of_as_many_as_the_case_says_is_missed(guests: str, pages: str, times: int) -> None:
    lines = [
        f"2026-03-02 09:00:00 expense.recorded kind=reception amount=1 {guests}".rstrip(),
        *(f"2026-03-02 10:00:00 record.filed form=page kind={page}" for page in pages),
        BOUND,
    ]
    verdict = evaluate(adopting(HEAD + PAGES_NEEDED), facts(*lines), at("2026-03-03 00:00:00"))
    assert [one.quantity for one in verdict.findings] == ([times] if times else [])


RUDE = check(
    "T-2",
    'kind = "penalty"',
    'event = [{ event = "violation.observed", where = { code = "rude" } }]',
    "amount = 20.00",
    'among_field = "among"',
)
FORBIDDEN = 'kind = "access"\nact = ["act.done"]\nallow = [{ where = { role = "manager" } }]'
SEEN_RUDE = "2026-03-02 10:00:00 violation.observed code=rude person=li among=an,zhou"


def test_everybody_who_took_part_is_found_for_himself() -> None:
    (one, two, three) = evaluate(adopting(HEAD + RUDE), facts(SEEN_RUDE), at("2026-03-03 00:00:00")).findings
    assert (one.person, one.instance) == ("an", "example#1@an")
    assert (two.person, two.instance) == ("li", "example#1")
    assert (three.person, three.instance) == ("zhou", "example#1@zhou")


def test_a_retracted_act_counts_no_more_and_other_acts_stay() -> None:
    settings = adopting(HEAD + check("T-1", FORBIDDEN) + RUDE + check("T-3", FORBIDDEN))
    done = "2026-03-02 09:00:00 act.done act=copy by=li role=clerk"
    lines = [done, SEEN_RUDE, "2026-03-03 10:00:00 violation.retracted reason_code=mistaken"]
    denied = [
        "T-1 found access-denied at 2026-03-02 09:00:00",
        "T-3 found access-denied at 2026-03-02 09:00:00",
    ]
    assert found(settings, *lines) == denied
    again = "2026-03-04 10:00:00 violation.observed code=rude person=li"
    assert found(settings, *lines, again) == [*denied, "T-2 found defect at 2026-03-04 10:00:00"]


COUNTED = [
    "2026-03-02 09:00:00 approval.refused step=check by=li",
    "2026-03-02 10:00:00 approval.refused step=check by=li",
    "2026-03-02 11:00:00 approval.refused step=check by=wu",
]


@pytest.mark.parametrize(
    ("more", "since"),
    [
        pytest.param("", "2026-03-02 10:00:00", id="two-events"),
        pytest.param('distinct_field = "by"', "2026-03-02 11:00:00", id="two-different-people"),
        pytest.param('resets_on = ["approval.given"]', "2026-03-02 10:00:00", id="nothing-sets-it-back"),
        pytest.param('resets_on = ["approval.refused"]', None, id="each-sets-it-back"),
    ],
)
def test_so_many_of_one_event_change_a_fact(more: str, since: str | None) -> None:
    lines = ('kind = "escalation"', 'counts = ["approval.refused"]', "times = 2", more)
    escalation = check("T-1", *lines, 'becomes = { severity = "major" }')
    fold = CaseFold.open(adopting(HEAD + escalation), "complaint/1")
    for event in facts(*COUNTED):
        fold.take(event)
    state = fold.state_at(at("2026-03-03 00:00:00"))
    assert state.changed_at.get("severity") == (at(since) if since else None)
    assert state.facts.get("severity") == ("major" if since else None)
