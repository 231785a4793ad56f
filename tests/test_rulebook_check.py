"""A rulebook is sound, or it is refused whole, with the line, the clause and what to do."""

import hashlib

import pytest

from judging_builders import EXAMPLE, HEAD, clause
from onrecord_projections.judging import Fault, RulebookError, check, load, shipped_rulebooks
from onrecord_projections.judging.clauses import Stated
from onrecord_projections.judging.shipped import released_lock

SOUND = HEAD + clause()


def one_fault(text: str) -> Fault:
    (fault,) = check(text, "policy.toml")
    return fault


def test_a_sound_rulebook_has_no_faults() -> None:
    assert check(SOUND, "policy.toml") == []


@pytest.mark.parametrize(
    ("changes", "line_says", "words"),
    [
        ({"starts_on": '["complaint.regitered"]'}, "starts_on", "no event type 'complaint.regitered'"),
        (
            {"starts_on": '[{ event = "complaint.registered", where = { colour = "red" } }]'},
            "starts_on",
            "complaint.registered has no field 'colour'; it has about, accused, area_manager",
        ),
        (
            {"starts_on": '[{ event = "complaint.registered", where = { severity = "grave" } }]'},
            "starts_on",
            "complaint.registered.severity can never be 'grave'",
        ),
        (
            {"stops_on": '[{ event = "complaint.answered", facts = { mood = "bad" } }]'},
            "stops_on",
            "no event has a field",
        ),
        (
            {"starts_on": '[{ becomes = { severity = "grave" } }]'},
            "starts_on",
            "severity can never be 'grave'",
        ),
        ({"owner": '"boss"'}, "owner", "no event has a field 'boss'"),
        (
            {"target": "8"},
            "target",
            'must be text in quotes; a length of time is "PT24H" or "P3D", never a bare number',
        ),
        ({"target": '"8 hours"'}, None, "is no duration such as PT24H"),
        ({"target": '"PT0S"'}, None, "longer than nothing"),
        ({"measure": '"working_days"'}, None, "counts whole ones only"),
        ({"pauses_on": '["complaint.customer-asked"]'}, "pauses_on", "no such key; look for a misspelling"),
        ({"drop": "target"}, None, "target: missing, such as PT24H"),
        ({"measure": '"until_field"', "drop": "target"}, None, "until_field needs `due_field`"),
        ({"on_breach": '{ becomes = { severity = "grave" } }'}, "on_breach", "severity can never be 'grave'"),
        ({"switch": '{ reading = "r99", value = "on" }'}, "switch", "no reading 'r99'"),
        (
            {"switch": '{ reading = "r4.roll-over", value = "maybe" }'},
            "switch",
            "r4.roll-over cannot be 'maybe'",
        ),
        ({"kind": '"clok"'}, None, "does not match any of the expected tags"),
    ],
)
def test_a_fault_names_line_clause_and_remedy(
    changes: dict[str, str], line_says: str | None, words: str
) -> None:
    text = HEAD + clause(**dict(changes))
    fault = one_fault(text)
    assert words in fault.message
    assert (fault.file, fault.clause) == ("policy.toml", "T-1")
    at_fault = text.splitlines()[fault.line - 1]
    assert at_fault.startswith(line_says or "[[clause]]")


def test_a_clause_that_judges_shows_an_example() -> None:
    fault = one_fault(SOUND.replace(EXAMPLE.strip(), ""))
    assert (
        fault.message
        == "example: missing: every clause that yields a verdict shows at least one worked example"
    )


def test_an_example_that_disagrees_is_named_with_both_answers() -> None:
    text = SOUND.replace('expect = "no clock"', 'expect = "met"')
    assert one_fault(text).message == (
        "example 'nothing happened': expects 'met', but comes to 'no clock'; one of the two is wrong"
    )
    assert text.splitlines()[one_fault(text).line - 1] == 'name = "nothing happened"'


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-03-02 09:00:00 complaint.regitered", "no event type"),
        ("2026-03-02 09:00:00 complaint.registered colour=red", "has no field 'colour'"),
        ("2026-03-02 09:00:00 complaint.registered severity=grave", "severity cannot be 'grave'"),
        ("2026-03-02 complaint.registered", "is no time"),
        ("2026-03-02 09:00:00", "no event type"),
        ("2026-03-02 09:00:00 complaint.registered severity", "is no field=value"),
        ("2026-03-02 09:00:00 complaint.registered @colour=red", "after @ come only"),
    ],
)
def test_an_example_that_cannot_be_read_says_why(line: str, words: str) -> None:
    assert words in one_fault(SOUND.replace("log = []", f"log = ['{line}']")).message


def test_a_circle_of_escalations_is_refused() -> None:
    up = clause(
        id='"UP"',
        starts_on='[{ becomes = { severity = "minor" } }]',
        on_breach='{ becomes = { severity = "major" } }',
    )
    down = clause(
        id='"DOWN"',
        starts_on='[{ becomes = { severity = "major" } }]',
        on_breach='{ becomes = { severity = "minor" } }',
    )
    faults = check(HEAD + up + down, "policy.toml")
    assert [fault.clause for fault in faults] == ["UP", "DOWN"]
    assert all("its breach opens clocks whose breach opens it again" in fault.message for fault in faults)
    assert check(HEAD + up, "policy.toml") == []


def test_two_clauses_with_one_id_are_refused() -> None:
    assert "used twice" in one_fault(SOUND + clause()).message


PENALTY = """
[[clause]]
id = "P-1"
cites = "2"
says_en = "A fine."
says_zh = "罚款。"
kind = "penalty"
per = "case"
currency = "CNY"
"""


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('amount = 50.00\nbreach_of = "T-9"', "'T-9' is no clause of this rulebook"),
        ("amount = 50.00", "give the clause it is a `breach_of`, an `event`, or clauses it is"),
        ('amount = 50.005\nbreach_of = "T-1"', "no more than 2 decimal places"),
        ('amount = 0\nbreach_of = "T-1"', "greater than 0"),
    ],
)
def test_a_penalty_must_rest_on_something(lines: str, words: str) -> None:
    assert words in one_fault(SOUND + PENALTY + lines + "\n" + EXAMPLE.replace("no clock", "no fine")).message


def test_text_that_is_no_toml_names_its_line() -> None:
    fault = one_fault(SOUND + "\nwhat is this")
    assert fault.message.startswith("not TOML")
    assert fault.line == len(SOUND.splitlines()) + 2


def test_a_fault_of_the_head_names_its_line() -> None:
    fault = one_fault(SOUND.replace('pack = "test"', 'pack = "Test Pack"'))
    assert (fault.line, fault.clause) == (2, "")


def test_nothing_loads_in_part() -> None:
    bad = clause(id='"T-2"', target="8")
    with pytest.raises(RulebookError, match="T-2"):
        load(SOUND + bad)


@pytest.mark.parametrize("name", shipped_rulebooks())
def test_every_shipped_example_agrees(name: str) -> None:
    assert check(shipped_rulebooks()[name], name) == []


def test_a_released_edition_never_changes() -> None:
    now = {}
    for name, text in shipped_rulebooks().items():
        book = load(text, name)
        assert name == f"{book.pack}/{book.effective_from.isoformat()}.toml"
        now[f"{book.pack}@{book.edition}"] = hashlib.sha256(text.encode()).hexdigest()
    released = dict(line.split() for line in released_lock().splitlines())
    changed = {name for name, digest in released.items() if now.get(name, digest) != digest}
    assert not changed, "a released edition never changes: make a new one; a release adds its lines"


def test_rent_crm_holds_every_entry_of_its_policy() -> None:
    listed: tuple[Stated, ...] = load(shipped_rulebooks()["rent-crm/2026-01-01.toml"]).clause
    entries = [clause for clause in listed if clause.id != "RENT-CRM-2.2-1-paid-service"]
    assert len(entries) == 53
    assert len({clause.id for clause in listed}) == 54
