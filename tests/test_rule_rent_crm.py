"""RENT-CRM beyond its own examples: severity that changes midway, ten days, call-backs, duties, keeping."""

from datetime import timedelta

import pytest

from judging_builders import HEAD, ZONE, adopting, at, clause, facts, said, shipping, story
from onrecord_projections.judging import CaseFold, evaluate
from onrecord_projections.judging.examples import finding_said

RENT = shipping("rent-crm")
MINOR = "2026-07-01 08:00:00 complaint.registered severity=minor received_by=chen area_manager=gao"
MAJOR = "2026-07-01 08:00:00 complaint.registered severity=major received_by=chen area_manager=gao"


@pytest.mark.parametrize(
    ("lines", "clause_id", "as_of", "then"),
    [
        pytest.param(
            [MINOR], "RENT-CRM-1.2-5A", "2026-07-11 23:59:59", "no clock", id="ten-days-are-not-over"
        ),
        pytest.param(
            [MINOR],
            "RENT-CRM-1.2-5A",
            "2026-07-12 00:00:00",
            "running, due 2026-07-12 00:10:00",
            id="escalated-at-midnight",
        ),
        pytest.param(
            [MINOR, "2026-07-12 00:10:00 complaint.major-reported to=head"],
            "RENT-CRM-1.2-5A",
            "2026-07-13 00:00:00",
            "met, due 2026-07-12 00:10:00",
            id="reported-after-escalation",
        ),
        pytest.param(
            [MINOR, "2026-07-03 08:00:00 complaint.classified severity=major"],
            "RENT-CRM-1.2-5B",
            "2026-07-03 12:00:00",
            "running, due 2026-07-03 20:00:00",
            id="judged-major-from-the-change",
        ),
        pytest.param(
            [MINOR, "2026-07-03 08:00:00 complaint.classified severity=major"],
            "RENT-CRM-1.1-2D",
            "2026-07-20 00:00:00",
            "cancelled, due 2026-07-11 23:59:59",
            id="major-already-so-nothing-to-escalate",
        ),
        pytest.param(
            [MINOR],
            "RENT-CRM-1.1-2D",
            "2026-07-20 00:00:00",
            "breached, due 2026-07-11 23:59:59",
            id="its-own-escalation-does-not-end-it",
        ),
        pytest.param(
            [MINOR, "2026-07-20 10:00:00 complaint.resolved"],
            "RENT-CRM-1.1-2D",
            "2026-07-21 00:00:00",
            "breached, due 2026-07-11 23:59:59, late 8 days, 10:00:01",
            id="solved-after-escalation",
        ),
        pytest.param(
            [MAJOR, "2026-07-01 08:05:00 complaint.classified severity=minor"],
            "RENT-CRM-1.2-4C",
            "2026-07-01 09:00:00",
            "running, due 2026-07-02 08:00:00",
            id="judged-minor-from-the-original-start",
        ),
        pytest.param(
            [
                MAJOR,
                "2026-07-01 08:03:00 complaint.progress-shared",
                "2026-07-01 08:05:00 complaint.classified severity=minor",
            ],
            "RENT-CRM-1.2-4C",
            "2026-07-01 09:00:00",
            "met, due 2026-07-02 08:00:00",
            id="what-was-done-before-the-change-counts",
        ),
        pytest.param(
            [f"{MINOR} @sequence=2", "2026-07-01 08:00:00 complaint.progress-shared @sequence=1"],
            "RENT-CRM-1.2-4C",
            "2026-07-01 09:00:00",
            "running, due 2026-07-02 08:00:00",
            id="what-was-said-before-the-complaint-answers-nothing",
        ),
        pytest.param(
            [MAJOR, "2026-07-01 08:05:00 complaint.classified severity=minor"],
            "RENT-CRM-1.2-5A",
            "2026-07-01 09:00:00",
            "cancelled, due 2026-07-01 08:10:00",
            id="no-longer-major",
        ),
        pytest.param(
            [
                MAJOR,
                "2026-07-01 08:05:00 complaint.classified severity=minor",
                "2026-07-01 09:00:00 complaint.classified severity=major",
            ],
            "RENT-CRM-1.2-5A",
            "2026-07-01 09:05:00",
            "cancelled, due 2026-07-01 08:10:00 | running, due 2026-07-01 09:10:00",
            id="major-once-more-begins-once-more",
        ),
        pytest.param(
            [MINOR, "2026-07-12 00:00:00 complaint.resolved"],
            "RENT-CRM-1.3-1b",
            "2026-07-12 01:00:00",
            "running, due 2026-07-13 00:00:00",
            id="solved-at-the-very-second-of-its-escalation-is-solved-as-major",
        ),
        pytest.param(
            [MAJOR, "2026-07-01 08:05:00 complaint.classified severity=major"],
            "RENT-CRM-1.2-5A",
            "2026-07-01 08:06:00",
            "running, due 2026-07-01 08:10:00",
            id="judged-what-it-was-changes-nothing",
        ),
        pytest.param(
            [MINOR, "2026-07-05 10:00:00 complaint.resolved", "2026-07-06 11:00:00 complaint.resolved"],
            "RENT-CRM-2.1-1",
            "2026-07-05 12:00:00",
            "running, due 2026-07-06 10:00:00",
            id="solved-twice-counts-from-the-first-without-a-call-back",
        ),
        pytest.param(
            [
                MINOR,
                "2026-07-05 10:00:00 complaint.resolved",
                "2026-07-05 12:00:00 callback.made kind=complaint channel=phone by=chen",
                "2026-07-09 11:00:00 complaint.resolved",
            ],
            "RENT-CRM-2.1-1",
            "2026-07-09 12:00:00",
            "met, due 2026-07-06 10:00:00 | running, due 2026-07-10 11:00:00",
            id="reopened-and-solved-again-is-called-back-again",
        ),
        pytest.param(
            [MINOR, "2026-07-05 10:00:00 complaint.resolved"],
            "RENT-CRM-1.3-1b",
            "2026-07-09 12:00:00",
            "no clock",
            id="a-minor-complaint-needs-no-visit",
        ),
        pytest.param(
            [
                MINOR,
                "2026-07-05 10:00:00 complaint.resolved",
                "2026-07-05 12:00:00 callback.made kind=repair channel=phone by=chen",
            ],
            "RENT-CRM-2.1-1",
            "2026-07-05 13:00:00",
            "running, due 2026-07-06 10:00:00",
            id="the-call-back-of-a-repair-is-another",
        ),
    ],
)
def test_stories(lines: list[str], clause_id: str, as_of: str, then: str) -> None:
    assert story(RENT, lines, as_of, clause_id) == then


def test_who_owes_follows_the_severity() -> None:
    lines = [MINOR, "2026-07-05 10:00:00 complaint.resolved"]
    owners = {c.clause: c.owner for c in evaluate(RENT, facts(*lines), at("2026-07-05 11:00:00")).clocks}
    assert (owners["RENT-CRM-2.1-1"], owners["RENT-CRM-1.3-1a"]) == ("chen", "chen")
    lines[0] = MAJOR
    owners = {c.clause: c.owner for c in evaluate(RENT, facts(*lines), at("2026-07-05 11:00:00")).clocks}
    assert (owners["RENT-CRM-2.1-1"], owners["RENT-CRM-1.3-1b"]) == ("gao", "gao")


def test_escalated_clocks_may_wait_for_the_doors_to_open() -> None:
    text = HEAD + clause(
        starts_on='[{ becomes = { severity = "minor" } }]',
        measure='"calendar_days"',
        target='"P1D"',
        on_breach='{ becomes = { severity = "major" } }',
    )
    text += clause(
        id='"T-2"',
        starts_on='[{ becomes = { severity = "major" } }]',
        on_change='"from-change"',
        target='"PT10M"',
    )
    line = "2026-03-06 10:00:00 complaint.registered severity=minor"  # a Friday; escalates Sunday 00:00:00
    at_once = adopting(text)
    waiting = adopting(text, readings={"rent-crm.escalated-start": "next-opening"})
    assert story(at_once, [line], "2026-03-08 00:00:00", "T-2") == "running, due 2026-03-08 00:10:00"
    assert story(waiting, [line], "2026-03-08 00:00:00", "T-2") == "running, due 2026-03-09 09:10:00"


def test_next_due_tells_the_second_of_an_escalation() -> None:
    fold = CaseFold.open(RENT, "complaint/1")
    fold.take(facts(MINOR)[0])
    instants = []
    while (due := fold.next_due) is not None:
        instants.append(f"{due.astimezone(ZONE):%m-%d %H:%M:%S}")
        fold.at(due)
    assert instants == ["07-02 08:00:01", "07-12 00:00:00", "07-12 00:10:01", "07-12 12:00:01"]


def test_a_breach_is_a_finding_at_the_second_after_it_was_due() -> None:
    verdict = evaluate(RENT, facts(MAJOR), at("2026-07-01 08:10:01"))
    (finding,) = verdict.findings
    assert (finding.clause, finding.code, finding.person) == ("RENT-CRM-1.2-5A", "breach", "gao")
    assert (finding.at, finding.due_at) == (at("2026-07-01 08:10:01"), at("2026-07-01 08:10:00"))


def test_form_faults_are_findings_of_the_clause_that_asks_for_the_form() -> None:
    lines = [
        "2026-07-11 17:00:00 repair.done received_by=chen",
        "2026-07-13 09:00:00 callback.made kind=repair channel=phone by=wu",
    ]
    verdict = evaluate(RENT, facts(*lines, case="repair/1"), at("2026-07-14 00:00:00"))
    assert [(f.clause, finding_said(f, ZONE)) for f in verdict.findings] == [
        ("RENT-CRM-2.1-2", "found breach at 2026-07-12 17:00:01"),
        ("RENT-CRM-2.3-1", "found wrong-person at 2026-07-13 09:00:00"),
    ]


def test_nobody_is_the_wrong_person_where_nobody_knows_the_right_one() -> None:
    lines = [
        "2026-07-11 17:00:00 repair.done",
        "2026-07-12 09:00:00 callback.made kind=repair channel=phone by=wu",
    ]
    verdict = evaluate(RENT, facts(*lines, case="repair/1"), at("2026-07-14 00:00:00"))
    assert verdict.findings == ()


ASSIGNED = "2026-05-10 09:00:00 duty.assigned duty=complaint-analysis person=gao"


@pytest.mark.parametrize(
    ("lines", "as_of", "then"),
    [
        pytest.param(
            [],
            "2026-07-01 00:00:00",
            "breached, due 2026-05-31 23:59:59 | breached, due 2026-06-30 23:59:59"
            " | running, due 2026-07-31 23:59:59",
            id="owed-each-month-from-its-assignment",
        ),
        pytest.param(
            ["2026-05-20 09:00:00 duty.ended"],
            "2026-07-01 00:00:00",
            "cancelled, due 2026-05-31 23:59:59",
            id="ended-before-it-fell-due",
        ),
        pytest.param(
            ["2026-06-10 09:00:00 duty.ended"],
            "2026-07-01 00:00:00",
            "breached, due 2026-05-31 23:59:59 | cancelled, due 2026-06-30 23:59:59",
            id="ended-in-the-second-month",
        ),
        pytest.param(
            [
                "2026-06-10 09:00:00 duty.ended",
                "2026-08-05 09:00:00 duty.assigned duty=complaint-analysis person=wu",
            ],
            "2026-08-06 00:00:00",
            "breached, due 2026-05-31 23:59:59 | cancelled, due 2026-06-30 23:59:59"
            " | running, due 2026-08-31 23:59:59",
            id="nobody-owed-it-in-july",
        ),
        pytest.param(
            ["2026-05-31 23:59:59 report.submitted form=zc-qr-029 period=2026-05"],
            "2026-05-31 23:59:59",
            "met, due 2026-05-31 23:59:59",
            id="on-the-last-second",
        ),
        pytest.param(
            ["2026-05-30 09:00:00 report.submitted form=zc-qr-028 period=2026-05"],
            "2026-06-01 00:00:00",
            "breached, due 2026-05-31 23:59:59 | running, due 2026-06-30 23:59:59",
            id="another-form-is-not-it",
        ),
        pytest.param(
            [
                "2026-06-02 09:00:00 report.submitted form=zc-qr-029 period=2026-05",
                "2026-06-03 09:00:00 report.submitted form=zc-qr-029 period=2026-05",
            ],
            "2026-06-04 00:00:00",
            "breached, due 2026-05-31 23:59:59, late 1 day, 9:00:01 | running, due 2026-06-30 23:59:59",
            id="the-first-report-of-a-month-counts",
        ),
        pytest.param(
            ["2026-05-20 09:00:00 report.submitted form=zc-qr-029 period=2026-06"],
            "2026-06-02 00:00:00",
            "breached, due 2026-05-31 23:59:59 | met, due 2026-06-30 23:59:59",
            id="handed-in-ahead-of-its-month",
        ),
    ],
)
def test_a_monthly_duty(lines: list[str], as_of: str, then: str) -> None:
    verdict = evaluate(RENT, facts(ASSIGNED, *lines, case="duty/1"), at(as_of))
    assert said(verdict) == then


def test_whoever_has_the_duty_when_it_falls_due_owes_it() -> None:
    lines = [ASSIGNED, "2026-05-25 09:00:00 duty.assigned duty=complaint-analysis person=wu"]
    clocks = evaluate(RENT, facts(*lines, case="duty/1"), at("2026-06-02 00:00:00")).clocks
    assert [(clock.instance, clock.owner) for clock in clocks] == [("2026-05", "wu"), ("2026-06", "wu")]


def test_a_duty_wakes_at_the_end_of_each_month() -> None:
    fold = CaseFold.open(RENT, "duty/1")
    fold.take(facts(ASSIGNED, case="duty/1")[0])
    fold.at(at("2026-05-31 12:00:00"))
    assert fold.next_due == at("2026-06-01 00:00:00")
    assert said(fold.at(at("2026-06-01 00:00:00"))).startswith("breached, due 2026-05-31 23:59:59")


def test_a_monthly_breach_is_a_finding_of_whoever_owed_it() -> None:
    verdict = evaluate(RENT, facts(ASSIGNED, case="duty/1"), at("2026-06-01 00:00:00"))
    (finding,) = verdict.findings
    assert (finding.person, finding.instance, finding.at) == ("gao", "2026-05", at("2026-06-01 00:00:00"))


def test_papers_are_kept_from_their_filing_on() -> None:
    lines = [
        "2024-02-29 10:00:00 complaint.archived",
        "2026-02-28 10:00:00 complaint.destruction-requested",
    ]
    settings = adopting(_early(), readings={})
    (clock,) = evaluate(settings, facts(*lines), at("2026-02-28 12:00:00")).clocks
    assert (clock.kind, clock.due_at, clock.findings) == (
        "retention",
        at("2026-02-28 23:59:59"),
        ("destruction-refused",),
    )
    assert clock.evidence == (1, 2)


def _early() -> str:
    """The keeping clause in force since 2020."""
    retention = clause(
        kind='"retention"',
        starts_on='["complaint.archived"]',
        keep='"P2Y"',
        refuses='["complaint.destruction-requested"]',
        drop="stops_on measure target",
    )
    return HEAD + retention


def test_used_time_of_a_late_stop_is_its_whole_length() -> None:
    lines = [MINOR, "2026-07-02 09:30:00 complaint.progress-shared"]
    clocks = evaluate(RENT, facts(*lines), at("2026-07-03 00:00:00")).clocks
    clock = next(clock for clock in clocks if clock.clause == "RENT-CRM-1.2-4C")
    assert (clock.used, clock.overrun) == (timedelta(hours=25, minutes=30), timedelta(hours=1, minutes=30))
