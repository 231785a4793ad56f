"""How far an entry is covered, and which changes of a clause somebody's example must notice."""

from collections.abc import Sequence

import pytest

from judging_builders import EXAMPLE, HEAD, clause
from onrecord_projections.judging import load
from onrecord_projections.judging.coverage import Covered, Entry, coverage, mutants, survivors
from onrecord_projections.judging.coverage.states import waits_for_number

WORDS = 'cites = "1"\nsays_en = "Says."\nsays_zh = "说。"\n'
PROSE = f'[[clause]]\nid = "T-P"\n{WORDS}kind = "prose"\n'
SUPPORTED = f'[[clause]]\nid = "T-S"\n{WORDS}kind = "supported"\nevents = ["record.filed"]\n'
REFERS = f'[[clause]]\nid = "T-R"\n{WORDS}kind = "refers"\npack = "test"\nentry = "T-1"\n'
UNSET = clause(measure='"tenant_number"', drop="target")


def covered(text: str, entry: str, owed: str = "execute") -> Covered:
    book = load(HEAD + text)
    (found,) = coverage({"test": book}, [Entry(entry, "test", owed)])  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("text", "entry", "state"),
    [
        pytest.param(clause(), "T-1", "executed", id="a-number-stands-there"),
        pytest.param(UNSET, "T-1", "needs-number", id="it-waits-for-a-number"),
        pytest.param(
            UNSET + clause(id='"T-2"', part_of='"T-1"'), "T-1", "executed", id="a-part-does-not-wait"
        ),
        pytest.param(SUPPORTED, "T-S", "supported", id="on-record-only"),
        pytest.param(PROSE, "T-P", "prose", id="named-only"),
        pytest.param(PROSE, "T-9", "missing", id="nobody-wrote-it"),
        pytest.param(clause() + REFERS, "T-R", "executed", id="as-the-entry-it-refers-to"),
    ],
)
def test_an_entry_is_said_to_be_as_far_as_its_clauses_go(text: str, entry: str, state: str) -> None:
    assert covered(text, entry).state == state


@pytest.mark.parametrize(
    ("text", "entry", "enough"),
    [
        (clause(), "T-1", ["execute", "record", "prose"]),
        (UNSET, "T-1", ["execute", "record", "prose"]),
        (SUPPORTED, "T-S", ["record", "prose"]),
        (PROSE, "T-P", ["prose"]),
        (PROSE, "T-9", []),
    ],
    ids=["executed", "needs-number", "supported", "prose", "missing"],
)
def test_an_entry_has_enough_when_it_got_what_it_is_owed(text: str, entry: str, enough: list[str]) -> None:
    got = [owed for owed in ("execute", "record", "prose") if covered(text, entry, owed).enough]
    assert got == enough


def test_a_covered_entry_names_its_kinds_its_examples_and_what_it_takes() -> None:
    both = clause() + SUPPORTED.replace(
        '"record.filed"', '{ event = "record.filed", where = { form = "card" } }'
    )
    shown = covered(both.replace('id = "T-S"', 'id = "T-S"\npart_of = "T-1"'), "T-1")
    assert shown.kinds == ("clock", "supported")
    assert shown.tests == ("test/T-1: nothing happened", "test/T-S: takes record.filed form=card")
    assert covered(clause() + REFERS, "T-R").refers_to == "test/T-1"


FOUND = EXAMPLE.replace("no clock", "nothing found")
LIMIT = 'kind = "limit"\nevent = ["expense.recorded"]\nvalue_field = "amount"\nfinding = "over"'
PAPERS = 'kind = "checklist"\nevent = ["record.filed"]\nfinding = "lacking"'
GRADE = 'kind = "grade"\nevent = ["expense.recorded"]\nvalue_field = "amount"\nsets = "grade"'
DUTY = (
    'kind = "recurring"\nstarts_on = ["duty.assigned"]\nends_on = ["duty.ended"]\nstops_on = ["duty.done"]\n'
)


@pytest.mark.parametrize(
    ("lines", "waits"),
    [
        ((LIMIT,), True),
        ((LIMIT, "band = [{ cap = 3 }]"), False),
        ((PAPERS, 'list_field = "papers"'), True),
        ((PAPERS, 'list_field = "papers"', 'all_of = ["card"]'), False),
        ((PAPERS, 'filled = ["by"]'), False),
        ((GRADE,), True),
        ((GRADE, 'step = [{ grade = "a", from = 3 }]'), False),
        ((DUTY, 'every = "tenant_number"'), True),
        ((DUTY, 'every = "month"'), False),
    ],
)
def test_a_clause_waits_where_the_tenant_has_to_say_how_much(lines: Sequence[str], *, waits: bool) -> None:
    book = load("\n".join((HEAD, '[[clause]]\nid = "T-1"', WORDS, *lines, FOUND)))
    assert waits_for_number(book.clause[0]) is waits


@pytest.mark.parametrize(("ahead", "waits"), [('"tenant_number"', True), ('"P1D"', False)])
def test_a_clock_may_wait_for_how_many_days_ahead(ahead: str, *, waits: bool) -> None:
    text = clause(
        measure='"until_field"',
        due_field='"due_at"',
        starts_on='["stage.reached"]',
        ahead=ahead,
        drop="target",
    )
    assert waits_for_number(load(HEAD + text).clause[0]) is waits


def test_every_number_of_a_band_is_changed_its_ends_too() -> None:
    banded = 'band_field = "guests"\nband = [{ from = 1, to = 4, cap = 300.50 }]'
    (asked,) = load(f'{HEAD}[[clause]]\nid = "T-1"\n{WORDS}{LIMIT}\n{banded}\n{FOUND}').clause
    assert [mutant.what for mutant in mutants(asked)] == [
        "left out",
        "band.0.from = 2 instead of 1",
        "band.0.from = 0 instead of 1",
        "band.0.to = 5 instead of 4",
        "band.0.to = 3 instead of 4",
        "band.0.cap = 300.51 instead of 300.50",
        "band.0.cap = 300.49 instead of 300.50",
    ]


def changes(*lines: str) -> list[str]:
    (asked,) = load("\n".join((HEAD, '[[clause]]\nid = "T-1"', WORDS, *lines, FOUND))).clause
    return [mutant.what for mutant in mutants(asked)]


def test_a_number_at_the_end_of_its_range_moves_the_one_way_it_can() -> None:
    seen = 'event = ["violation.observed"]\nvalue_field = "value"\nline = "cost"'
    assert changes('kind = "penalty"', seen, "percent_of_value = 100") == [
        "left out",
        "percent_of_value = 99 instead of 100",
    ]


@pytest.mark.parametrize(
    ("time", "beside"),
    [("08:30:00", ["08:30:01", "08:29:59"]), ("00:00:00", ["00:00:01", "23:59:59"])],
)
def test_a_time_of_day_moves_by_a_second(time: str, beside: list[str]) -> None:
    said = changes('kind = "timing"\nevent = ["act.done"]\nfinding = "late"', f"time_of_day = {time}")
    assert said == ["left out", *(f"time_of_day = {other} instead of {time}" for other in beside)]


def test_a_day_of_the_year_moves_by_a_day() -> None:
    window = 'every = "year"\nwindow = { opens = "02-28", closes = "12-31" }'
    assert changes(DUTY, window) == [
        "left out",
        "window.opens = 02-27 instead of 02-28",
        "window.closes = 12-30 instead of 12-31",
    ]


FINE = f'[[clause]]\nid = "T-2"\n{WORDS}kind = "penalty"\nbreach_of = "T-1"\namount = 20.00\n'
LATE = """
[[clause.example]]
name = "one second late"
log = [
  "2025-12-01 09:00:00 complaint.registered received_by=li",
  "2025-12-01 17:00:01 complaint.answered",
]
as_of = "2026-01-01 00:00:00"
expect = "20.00 CNY"
[[clause.example]]
name = "in time"
log = [
  "2025-12-01 09:00:00 complaint.registered received_by=li",
  "2025-12-01 17:00:00 complaint.answered",
]
as_of = "2026-01-01 00:00:00"
expect = "no fine"
"""
SILENT = clause(owner='["received_by"]')
OTHER = '"T-9"'


def let_pass(text: str, name: str = "T-1") -> list[str]:
    book = load(HEAD + text)
    return [one.what for one in survivors(book, next(one for one in book.clause if one.id == name))]


NOBODY = ["left out", "target = PT9H instead of PT8H", "target = PT7H instead of PT8H"]


def test_the_fine_that_rests_on_a_clock_notices_when_the_clock_changes() -> None:
    assert let_pass(SILENT) == NOBODY
    assert let_pass(SILENT + FINE + LATE) == []
    unrelated = clause(id=OTHER, owner='["received_by"]')
    assert let_pass(SILENT + unrelated + FINE.replace('"T-1"', OTHER) + LATE) == NOBODY


RAISED = clause(
    id='"T-2"',
    part_of='"T-1"',
    starts_on='[{ becomes = { severity = "major" } }]',
    on_change='"from-change"',
    target='"PT24H"',
).replace(
    EXAMPLE.strip(),
    """
[[clause.example]]
name = "a second after the first one broke"
log = ["2025-12-01 09:00:00 complaint.registered severity=minor"]
as_of = "2025-12-01 20:00:00"
expect = "running, due 2025-12-02 17:00:01"
""",
)


def test_a_part_of_the_same_entry_notices_too() -> None:
    raising = clause(on_breach='{ becomes = { severity = "major" } }')
    assert let_pass(raising + RAISED) == []
    assert let_pass(raising + RAISED.replace('part_of = "T-1"', "")) == NOBODY


def test_a_clause_that_cannot_run_without_another_notices_that_it_is_gone() -> None:
    signing = clause(id='"signing"', target='"PT24H"')
    lapse = f"""
[[clause]]
id = "T-3"
part_of = "signing"
{WORDS}kind = "ownership"
rule = "lapse"
on = ["client.followed-up"]
as_clock = "signing"
""" + EXAMPLE.replace("no clock", "no owner")
    assert "left out" in let_pass(signing, "signing")
    assert "left out" not in let_pass(signing + lapse, "signing")


def test_a_part_whose_example_comes_out_the_same_notices_nothing() -> None:
    part = FINE.replace('id = "T-2"', 'id = "T-2"\npart_of = "T-1"')
    assert let_pass(SILENT + part + EXAMPLE.replace("no clock", "no fine")) == NOBODY
