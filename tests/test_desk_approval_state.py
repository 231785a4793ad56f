"""Applications as their events made them, and whose answer still counts: pure, with nothing around them."""

from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_ruled import local
from judging_builders import shipping
from onrecord_events.approval import Given, Refused, Requested, Withdrawn
from onrecord_events.base import Event
from onrecord_services.desk.approval.aggregate import Application, Applications, role_for
from onrecord_services.desk.approval.asked import Chain, Said, Step, Wanted, chains_of
from onrecord_services.desk.decision import Held
from onrecord_services.desk.decision import Refused as No

ANY: frozenset[str] = frozenset()
KEY = ("loan", None)


def step(name: str = "", *roles: str, times: int = 1, distinct: str | None = None) -> Step:
    return Step((Wanted(frozenset({name} - {""}), frozenset(roles)),), times, distinct)


IN_ORDER = Chain("X-1", ((step("endorse", "head"), step("approve", "officer")),), ordered=True)
EITHER = Chain("X-2", ((step("", "boss"),), (step("", "keeper"), step("", "clerk"))))
TWO = Chain("X-3", ((step(times=2, distinct="by"),),))


def told(*bodies: Event) -> Applications:
    applications = Applications("loan/V7")
    for body in bodies:
        applications.when(body, cast("Any", None))
    return applications


def yes(by: str, at: str = "approve", role: str | None = None) -> Given:
    return Given(kind="loan", step=at, by=by, role=role)


def test_an_application_is_what_was_answered_to_it() -> None:
    asked = Requested(kind="loan", by="li")
    found = told(asked, yes("a", "endorse", "head"), yes("b"))
    assert found.applications == {
        KEY: Application("li", (Said("a", "endorse", "head"), Said("b", "approve", None)))
    }
    assert told(asked, yes("a"), Refused(kind="loan", step="approve", by="b")).applications == {
        KEY: Application("li", (Said("a", "approve", None),), "refused")
    }
    assert told(asked, Withdrawn(kind="loan", by="li"), asked).applications == {KEY: Application("li")}


def test_a_yes_to_nothing_makes_no_application() -> None:
    assert told(yes("a"), Withdrawn(kind="loan", by="li")).applications == {}


@pytest.mark.parametrize(
    ("chain", "answers", "done"),
    [
        pytest.param(IN_ORDER, [Said("a", "endorse", "head")], False, id="half-way"),
        pytest.param(
            IN_ORDER, [Said("a", "endorse", "head"), Said("b", "approve", "officer")], True, id="both-steps"
        ),
        pytest.param(EITHER, [Said("a", "approve", "boss")], True, id="the-first-way"),
        pytest.param(EITHER, [Said("a", "approve", "keeper")], False, id="half-of-the-second"),
        pytest.param(EITHER, [Said("a", "x", "keeper"), Said("b", "x", "clerk")], True, id="the-second-way"),
        pytest.param(TWO, [Said("a", "x", None), Said("a", "y", None)], False, id="one-person-twice"),
        pytest.param(TWO, [Said("a", "x", None), Said("b", "x", None)], True, id="two-people"),
    ],
)
def test_a_chain_is_done(chain: Chain, answers: list[Said], done: bool) -> None:  # noqa: FBT001
    assert chain.done(answers) is done


@pytest.mark.parametrize(
    ("chains", "answers", "said", "roles", "then"),
    [
        pytest.param([IN_ORDER], [], Said("a", "endorse", None), {"head"}, "head", id="his-role"),
        pytest.param([IN_ORDER], [], Said("a", "endorse", None), {"clerk"}, "role-lacking", id="no-role"),
        pytest.param([IN_ORDER], [], Said("a", "approve", None), {"officer"}, "not-its-turn", id="too-early"),
        pytest.param([IN_ORDER], [], Said("a", "bless", None), {"head"}, "no-such-step", id="no-step"),
        pytest.param(
            [IN_ORDER], [Said("b", "endorse", "head")], Said("a", "endorse", None), {"head"}, "said-already",
            id="said",
        ),
        pytest.param([TWO], [Said("b", "x", None)], Said("a", "x", None), {"head"}, None, id="no-role-asked"),
        pytest.param([TWO, EITHER], [], Said("a", "x", None), {"boss"}, "boss", id="for-two-clauses-at-once"),
    ],
)  # fmt: skip
def test_an_answer_counts_in_a_role(
    chains: list[Chain], answers: list[Said], said: Said, roles: set[str], then: str | None
) -> None:
    try:
        found = role_for(chains, answers, said, frozenset(roles))
    except No as refusal:
        found = refusal.reason
    assert found == then


def held(at: str) -> Held:
    rules = shipping("cc04-secrecy", "cc13-sales")
    return Held(by="li", roles=ANY, at=local(at), settings=rules, streams={})


def test_the_steps_are_those_of_the_clauses_in_force_as_the_tenant_reads_them() -> None:
    assert [chain.clause for chain in chains_of(held("07-11 08:00:00"), "archive-loan")] == [
        "CC04-19.3",
        "CC04-19.4",
        "CC13-G10a",
    ]
    early = held("07-11 08:00:00")
    before = replace(early, at=early.at.replace(year=2025))
    assert chains_of(before, "archive-loan") == ()
    assert chains_of(before, "leave") == ()
    review, approve = chains_of(early, "statistics-report")[0].ways[0]
    assert (review, approve) == (
        step("review", "customer-service-manager"),
        step("approve", "general-manager"),
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdl"), st.booleans()), max_size=12))
def test_whoever_answers_and_however_often_a_quorum_of_two_is_two_others(
    answers: list[tuple[str, bool]],
) -> None:
    found = told(Requested(kind="loan", by="l"))
    for by, agreed in answers:
        try:
            asked = found.may_answer(KEY, by)
            role_for([TWO], asked.answers, Said(by, "approve", None), ANY)
        except No:
            continue
        no = Refused(kind="loan", step="approve", by=by)
        found.when(yes(by) if agreed else no, cast("Any", None))
    application = found.applications[KEY]
    people = [said.by for said in application.answers]
    assert len(set(people)) == len(people) <= 2
    assert "l" not in people
    assert application.granted([TWO]) == (len(people) == 2 and application.state == "open")
