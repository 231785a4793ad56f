"""Files as their events made them, and how secret they are: folded, with nothing around them."""

from typing import Any, cast

import pytest

from judging_builders import facts
from onrecord_events.approval import Given, Requested
from onrecord_events.base import Event
from onrecord_events.loan import Lost, Made, Returned
from onrecord_services.desk.decision import Refused
from onrecord_services.desk.files.lending import Lending, borrower_of
from onrecord_services.desk.files.state import File, fold
from onrecord_services.desk.record.secrecy import level_of

MADE = Made(item="V7", borrower="li", kind="archive-file")
BACK = Returned(item="V7", borrower="li", kind="archive-file")
LOST = Lost(item="V7", borrower="li", kind="archive-file")


def lent(*bodies: Event) -> Lending:
    lending = Lending("loan/V7")
    for body in bodies:
        lending.when(body, cast("Any", None))
    return lending


def test_a_file_is_what_its_events_made_it() -> None:
    lines = (
        "2026-03-03 10:00:00 vehicle.delivered car=V7 consultant=chen",
        "2026-03-04 10:00:00 archive.handed-over by=li received_by=gao both_signed=false complete=false",
        "2026-03-04 11:00:00 archive.handed-over by=li received_by=gao complete=false",
        "2026-03-04 12:00:00 archive.registered",
        "2026-03-05 10:00:00 archive.inspected consultant=chen",
        "2026-03-05 11:00:00 stage.reached stage=archive-stored by=gao",
        "2026-03-05 12:00:00 stage.reached stage=file-repaired by=gao",
    )
    assert fold(facts(*lines)) == File(
        handed_in_by="li",
        receiver="gao",
        signed=True,
        registered=True,
        consultant="chen",
        inspected=True,
        stored=True,
    )
    again = (*lines, "2026-03-06 10:00:00 archive.handed-over by=li received_by=gao both_signed=false")
    assert (fold(facts(*again)).signed, fold(facts(*again)).registered) == (False, False)
    gone = (
        *lines,
        "2029-03-06 10:00:00 archive.destruction-requested by=gao",
        "2029-03-06 11:00:00 act.done act=copy by=wu",
        "2029-03-06 12:00:00 act.done act=destroy-file by=wu",
    )
    assert (fold(facts(*gone)).asked_to_destroy, fold(facts(*gone)).destroyed) == ("gao", True)
    assert not fold(facts(*gone[:-1])).destroyed


def test_a_file_is_as_secret_as_its_last_mark() -> None:
    lines = (
        "2026-03-03 10:00:00 record.filed form=secrecy-level kind=top-secret",
        "2026-03-04 10:00:00 record.filed form=archive-file kind=sales",
        "2026-03-05 10:00:00 record.filed form=secrecy-level kind=secret",
    )
    levels = [level_of(facts(*lines[:upto])) for upto in range(4)]
    assert levels == [None, "top-secret", "top-secret", "secret"]


@pytest.mark.parametrize(
    ("bodies", "borrower", "then"),
    [
        pytest.param([], "wu", True, id="here"),
        pytest.param([MADE], "li", False, id="with-him-already"),
        pytest.param([MADE], "wu", "lent-already", id="with-another"),
        pytest.param([MADE, BACK], "wu", True, id="back"),
        pytest.param([MADE, LOST], "wu", "lost", id="lost"),
        pytest.param([MADE, LOST, BACK], "wu", True, id="found-again"),
    ],
)
def test_one_person_has_it_at_a_time(bodies: list[Event], borrower: str, then: object) -> None:
    try:
        found: object = lent(*bodies).may_lend(borrower)
    except Refused as refusal:
        found = refusal.reason
    assert found == then


def test_a_loan_uses_up_the_borrowers_approval_and_nobody_elses() -> None:
    mine = Requested(kind="archive-loan", by="li")
    other = Requested(kind="archive-loan", by="wu", about="copy-2")
    yes = Given(kind="archive-loan", step="approve", by="xin")
    states = [application.state for application in lent(mine, other, yes, MADE).applications.values()]
    assert states == ["used", "open"]


def test_who_has_it_is_read_from_the_stream_as_well() -> None:
    lines = (
        "2026-03-03 10:00:00 loan.made item=V7 borrower=li",
        "2026-03-04 10:00:00 loan.returned item=V7 borrower=li",
        "2026-03-05 10:00:00 loan.made item=V7 borrower=wu",
        "2026-03-06 10:00:00 loan.lost item=V7 borrower=wu",
    )
    assert [borrower_of(facts(*lines[:upto])) for upto in range(5)] == [None, "li", None, "wu", None]
