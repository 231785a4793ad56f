"""Every event name of the rule catalogue is a typed event or a verdict, and the file is sound."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from onrecord_projections.judging import RulebookError
from onrecord_projections.judging.event_names import (
    EventNames,
    Yielded,
    load_event_names,
    shipped_event_names,
)
from onrecord_projections.judging.parts import Selector
from onrecord_services.cli import app

CATALOGUE = Path(__file__).parent / "data" / "event_names.tsv"
"""The names of the catalogue, each with the clauses that use it."""


def catalogue() -> dict[str, list[str]]:
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()[1:]
    return {name: clauses.split(", ") for name, clauses in (line.split("\t") for line in lines)}


@pytest.fixture(scope="module")
def shipped() -> EventNames:
    return load_event_names(shipped_event_names())


def fault_of(*lines: str) -> str:
    """The one fault of a file of these lines."""
    with pytest.raises(RulebookError) as refused:
        load_event_names("\n".join(("[names]", *lines)), "names.toml")
    (fault,) = refused.value.faults
    return str(fault)


def test_the_563_names_of_the_catalogue_are_mapped_and_no_others(shipped: EventNames) -> None:
    assert len(catalogue()) == 563
    assert set(shipped.names) == set(catalogue())


def test_every_clause_that_counts_violations_has_its_codes(shipped: EventNames) -> None:
    assert [clause for clause in catalogue()["ViolationRecorded"] if clause not in shipped.violations] == []


def test_what_people_report_is_an_event_and_what_clauses_yield_is_none(shipped: EventNames) -> None:
    assert shipped.selectors("VisitReportSubmitted") == (
        Selector(event="record.filed", where={"form": ("visit-report",)}),
    )
    assert shipped.selectors("SecondFollowUpMade") == (Selector(event="client.followed-up"),)
    assert [selector.event for selector in shipped.selectors("SurveyAnswered")] == [
        "survey.csat-answered",
        "survey.nps-answered",
    ]
    assert shipped.names["PenaltyProposed"] == Yielded(verdict="penalty", of=("penalty", "ladder"))
    assert shipped.selectors("PenaltyProposed") == ()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param(
            'Filed = { event = "record.flied" }',
            "names.toml:2: Filed: no event type 'record.flied'; "
            "`onrecord schema --names` lists the known ones",
            id="unknown-type",
        ),
        pytest.param(
            'Filed = { event = "record.filed", where = { colour = "red" } }',
            "names.toml:2: Filed: record.filed has no field 'colour'",
            id="unknown-field",
        ),
        pytest.param(
            'Filed = { event = "record.filed", where = { form = "Visit Report" } }',
            "names.toml:2: Filed: record.filed.form can never be one of ['Visit Report']",
            id="no-code",
        ),
        pytest.param(
            'Filed = { event = "record.filed", unless = { kind = "Two Words" } }',
            "names.toml:2: Filed: record.filed.kind can never be one of ['Two Words']",
            id="no-code-in-a-field-that-may-be-left-out",
        ),
        pytest.param(
            'Called = { event = "interaction.logged", where = { kind = ["call", "shout"] } }',
            "names.toml:2: Called: interaction.logged.kind can never be one of ['call', 'shout']",
            id="one-of-the-values-is-none",
        ),
        pytest.param(
            'Left = { event = "record.checked", where = { passed = "no" } }',
            "names.toml:2: Left: record.checked.passed can never be one of ['no']",
            id="text-for-a-yes-or-no",
        ),
        pytest.param(
            'Grave = { becomes = { severity = "grave" } }',
            "names.toml:2: Grave: no event makes 'severity' one of ['grave']",
            id="a-fact-that-cannot-be",
        ),
        pytest.param(
            'Answered = { any_of = [{ event = "survey.csat-answered" }, { event = "survey.answered" }] }',
            "names.toml:2: Answered: no event type 'survey.answered'; "
            "`onrecord schema --names` lists the known ones",
            id="one-of-several-types-is-unknown",
        ),
        pytest.param(
            'Late = { verdict = "clock", of = ["clok"] }',
            "names.toml:2: Late: no kind of clause 'clok'",
            id="unknown-kind",
        ),
        pytest.param(
            'Late = { verdict = "clock", of = ["prose"] }',
            "names.toml:2: Late: no kind of clause 'prose'",
            id="prose-yields-nothing",
        ),
        pytest.param(
            'Late = { same_as = "Tardy", because = "one thing" }',
            "names.toml:2: Late: 'Tardy' is no name here that stands for events",
            id="leads-nowhere",
        ),
        pytest.param(
            'Late = { same_as = "Late", because = "one thing" }',
            "names.toml:2: Late: 'Late' is no name here that stands for events",
            id="leads-to-itself",
        ),
        pytest.param(
            'Rung = { event = "callback.made", wher = { reached = true } }',
            "names.toml:2: Rung: wher: Extra inputs are not permitted",
            id="misspelt-key",
        ),
        pytest.param(
            'Adopted = { event = "merit.observed", where = { code = "shouting" } }',
            "names.toml:2: Adopted: no clause prices the code 'shouting'; list it under the clause that does",
            id="a-merit-no-clause-rewards",
        ),
        pytest.param(
            'Broken = { event = "violation.observed", where = { code = "shouting" } }',
            "names.toml:2: Broken: no clause prices the code 'shouting'; list it under the clause that does",
            id="a-code-no-clause-prices",
        ),
    ],
)
def test_a_wrong_name_is_refused_with_its_line(line: str, says: str) -> None:
    assert fault_of(line) == says


def test_a_name_that_stands_twice_is_refused() -> None:
    said = fault_of('Kept = { event = "promise.kept" }', 'Kept = { event = "promise.made" }')
    assert said == "names.toml:3: Kept: stands here twice; drop one"
    both = ("[violations]", 'CC13-B2 = ["undressed"]', "[merits]", 'CC13-B2 = ["dressed"]')
    assert load_event_names("\n".join(("[names]", *both))).merits == {"CC13-B2": ("dressed",)}


def test_two_names_for_one_thing_must_say_so() -> None:
    twice = ('Lost = { event = "loan.lost" }', 'Damaged = { event = "loan.lost" }')
    assert fault_of(*twice) == (
        "names.toml:3: Damaged: is what Lost is; say `same_as` and why, or tell them apart by a code"
    )
    told = load_event_names(
        '[names]\nLost = { event = "loan.lost" }\nDamaged = { same_as = "Lost", because = "priced alike" }'
    )
    assert told.selectors("Damaged") == (Selector(event="loan.lost"),)


def test_the_order_of_codes_makes_no_other_selector() -> None:
    said = fault_of(
        'Ate = { event = "loan.made", where = { kind = ["tool", "key"] } }',
        'Took = { event = "loan.made", where = { kind = ["key", "tool"] } }',
    )
    assert said.startswith("names.toml:3: Took: is what Ate is")


def test_one_act_is_priced_by_one_clause_of_a_policy() -> None:
    codes = ('Kept = { event = "promise.kept" }', "[violations]", 'CC13-B19 = ["shouting"]')
    assert fault_of(*codes, 'CC13-B37 = ["shouting"]') == (
        "names.toml:5: CC13-B37: shouting is priced by CC13-B19 already; say under [shared] why not twice"
    )
    both = (*codes, 'CC13-B37 = ["shouting"]', "[shared]", 'shouting = "one or the other, by a reading"')
    assert load_event_names("\n".join(("[names]", *both))).shared == {
        "shouting": "one or the other, by a reading"
    }
    assert load_event_names("\n".join(("[names]", *codes, 'CC10-B6b = ["shouting"]'))).violations == {
        "CC13-B19": ("shouting",),
        "CC10-B6b": ("shouting",),
    }


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    assert fault_of("Kept = { event").startswith("names.toml:2: not TOML")


def test_the_command_prints_every_name_for_people_and_for_programs() -> None:
    plain = CliRunner().invoke(app, ["rulebook", "events"])
    assert plain.exit_code == 0
    assert "VisitReportSubmitted" in plain.output
    told = json.loads(CliRunner().invoke(app, ["rulebook", "events", "--json"]).output)
    assert len(told["names"]) == 563
    assert told["names"]["GiftApproved"] == {"event": "approval.given", "where": {"kind": ["gift"]}}
    assert told["names"]["PolicyApproved"] == {
        "same_as": "PolicyPublished",
        "because": "the adoption says who approved it",
    }
    assert told["merits"]["CC13-H4a"] == ["insert-help"]
    assert told["violations"]["CC13-B19"] == ["chasing", "shouting"]
