"""What becomes of single claims, turns and things held: who was replaced, on what evidence, in what words."""

import pytest

from judging_builders import HEAD, ZONE, adopting, at, facts
from onrecord_projections.judging import load
from onrecord_projections.judging.clauses import OwnershipClause
from onrecord_projections.judging.ownership import evaluate_ownership, turns_of
from onrecord_projections.judging.ownership.said import ownership_said
from test_rule_ownership import CARD, CARD_OF_LI, CARDS, REGISTRATION, registered, rule

SWAPPED = "violation/1 violation.observed code=swapped person=li @case=client/1"


def test_a_later_decision_replaces_the_earlier_one() -> None:
    lines = [
        "2026-03-02 10:00:00 client.owner-decided owner=b by=m reason_code=x",
        "2026-04-02 10:00:00 client.owner-decided owner=c by=m reason_code=x",
    ]
    later, earlier = evaluate_ownership(REGISTRATION, facts(*lines), at("2026-05-01 00:00:00")).claims
    assert (earlier.holder, earlier.state, earlier.ended_by) == ("b", "replaced", "RE-REG-9")
    assert earlier.ended_at == at("2026-04-02 10:00:00")
    assert (later.holder, later.state, later.ended_at) == ("c", "owning", None)


def test_a_decision_replaces_no_claim_of_the_rules() -> None:
    lines = [
        registered("2026-03-01 10:00:00", "a"),
        "2026-03-02 10:00:00 client.owner-decided owner=b by=m reason_code=x",
    ]
    found = evaluate_ownership(REGISTRATION, facts(*lines), at("2026-03-03 00:00:00"))
    assert [(one.holder, one.state) for one in found.claims] == [("b", "owning"), ("a", "waiting")]


def test_a_card_nobody_signed_is_not_given_back() -> None:
    lines = [
        "2026-06-15 09:00:00 client.card-created salesperson=li card=K1",
        "2026-06-15 10:00:00 client.card-created salesperson=wang card=K2",
        "2026-06-15 11:00:00 client.card-signed by=leader card=K2",
        f"2026-06-16 10:00:00 {SWAPPED}",
    ]
    found = evaluate_ownership(CARD, facts(*lines, case="client/1"), at("2026-06-17 00:00:00"))
    assert [one.to for one in found.proposals] == ["wang"]


def test_a_claim_rests_on_what_made_it_and_on_what_made_it_valid() -> None:
    (card,) = evaluate_ownership(CARD, facts(*CARD_OF_LI), at("2026-06-16 00:00:00")).claims
    assert card.evidence == (1, 2)
    whole = facts(registered("2026-03-01 10:00:00", "a"))
    (claim,) = evaluate_ownership(REGISTRATION, whole, at("2026-03-02 00:00:00")).claims
    assert claim.evidence == (1,)


DESK = ("2026-03-08 08:30:00 queue/h queue.set members=c,d,e",)


def referred(when: str, newcomer: int) -> str:
    said = f"newcomer={newcomer} by_customer=o present=false @case=queue/h"
    return f"{when} client/{newcomer} client.referred {said}"


def test_a_turn_that_another_case_gave_makes_an_owner() -> None:
    turns = turns_of(REGISTRATION, facts(*DESK, referred("2026-03-08 10:00:00", 1)))
    found = evaluate_ownership(REGISTRATION, [], at("2026-03-09 00:00:00"), turns)
    assert found.owner("client/1", at("2026-03-08 10:00:00")) == "c"
    before = evaluate_ownership(REGISTRATION, [], at("2026-03-08 09:59:59"), turns)
    assert (before.spans, before.claims) == ((), ())


def test_a_newcomer_who_is_told_of_twice_takes_one_turn() -> None:
    lines = [
        *DESK,
        referred("2026-03-08 10:00:00", 1),
        referred("2026-03-08 10:05:00", 1),
        referred("2026-03-08 11:00:00", 2),
    ]
    turns = turns_of(REGISTRATION, facts(*lines))
    assert [(turn.client, turn.person) for turn in turns] == [("client/1", "c"), ("client/2", "d")]


WAITING = adopting(
    HEAD
    + rule(
        "holder",
        'on = ["stage.reached", "act.done"]',
        'holder = ["about"]',
        'wins = "ranked"',
        'ends_on = [{ event = "record.filed", where = { form = "handed-over" } }]',
        id_="next-car",
    )
)


def test_whoever_the_clause_names_first_stands_before_the_earlier_one() -> None:
    lines = [
        "2026-06-16 09:00:00 act.done act=order by=li about=second",
        "2026-06-16 10:00:00 stage.reached stage=paid about=first",
        "2026-06-16 11:00:00 record.filed form=handed-over about=first",
    ]
    found = evaluate_ownership(WAITING, facts(*lines, case="queue/car"), at("2026-06-17 00:00:00"))
    assert [(span.owner, span.since) for span in found.spans] == [
        ("second", at("2026-06-16 09:00:00")),
        ("first", at("2026-06-16 10:00:00")),
        ("second", at("2026-06-16 11:00:00")),
    ]


RELATED = adopting(
    HEAD
    + rule("claim", 'on = ["client.card-created"]')
    + rule("relatives", 'on = [{ event = "client.related", where = { relation = "spouse" } }]', id_="family")
    + rule("relatives", 'on = [{ event = "client.related", where = { relation = "same" } }]', id_="firm")
)


def test_of_two_relations_found_out_at_once_the_last_is_named_and_both_are_shown() -> None:
    lines = [
        "2026-06-15 09:00:00 client/2 client.card-created salesperson=wang",
        "2026-06-15 10:00:00 client/1 client.card-created salesperson=li",
        "2026-06-16 09:00:00 client/1 client.related relative=client/3 relation=spouse",
        "2026-06-16 09:00:00 client/1 client.related relative=client/2 relation=same",
    ]
    found = evaluate_ownership(RELATED, facts(*lines), at("2026-06-17 00:00:00"))
    first, last = (span for span in found.spans if span.client == "client/1")
    assert (first.owner, first.why) == ("li", "first-claim")
    assert (last.owner, last.why, last.clause, last.evidence) == ("wang", "related", "firm", (1, 3, 4))


def clause_of(text: str, name: str) -> OwnershipClause:
    found = next(one for one in load(text).clause if one.id == name)
    assert isinstance(found, OwnershipClause)
    return found


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param((), "no owner", id="nobody-ever"),
        pytest.param(CARD_OF_LI, "owner li since 2026-06-15 18:00:00", id="one-client-needs-no-name"),
        pytest.param(
            (*CARD_OF_LI, f"2026-06-17 10:00:00 {SWAPPED}"),
            "owner li since 2026-06-15 18:00:00 | proposed li under restore",
            id="and-what-is-proposed",
        ),
        pytest.param(
            (
                *CARD_OF_LI,
                "2026-06-16 09:00:00 client/0 client.card-created salesperson=wang",
                "2026-06-16 10:00:00 client/0 client.card-signed by=leader",
            ),
            "client/0: owner wang since 2026-06-16 10:00:00 | client/1: owner li since 2026-06-15 18:00:00",
            id="two-clients-by-name",
        ),
        pytest.param(
            (*CARD_OF_LI, "2026-06-17 10:00:00 client.voided by=leader reason_code=x"),
            "nobody since 2026-06-17 10:00:00 (voided)",
            id="nobody-any-more",
        ),
    ],
)
def test_who_owns_is_said_in_a_line(lines: tuple[str, ...], words: str) -> None:
    told = facts(*lines, case="client/1")
    clause = clause_of(CARDS, "claim")
    assert ownership_said(CARD, clause, told, at("2026-06-18 00:00:00"), ZONE) == words


@pytest.mark.parametrize(
    ("then", "evidence"),
    [
        pytest.param("2026-06-17 10:00:00 client.voided by=leader reason_code=x", (4,), id="what-ended-it"),
        pytest.param("2026-06-30 10:00:00 client.dealt by=li", (3,), id="the-last-sign-of-life"),
    ],
)
def test_a_lost_client_rests_on_what_lost_him(then: str, evidence: tuple[int, ...]) -> None:
    followed = "2026-06-16 10:00:00 client.followed-up by=li channel=call"
    found = evaluate_ownership(CARD, facts(*CARD_OF_LI, followed, then), at("2026-07-01 00:00:00"))
    assert (found.spans[-1].owner, found.spans[-1].evidence) == (None, evidence)


IN_TURN = adopting(
    HEAD + rule("queue", 'on = ["client.referred", "client.assigned-in-turn"]', 'resets_on = ["queue.set"]')
)


def test_whose_turn_it_is_gets_the_newcomer_and_not_the_one_who_was_away() -> None:
    line = referred("2026-03-08 10:00:00", 1).replace("present=false", "present=false original=e")
    found = evaluate_ownership(IN_TURN, facts(*DESK, line), at("2026-03-09 00:00:00"))
    (span,) = found.spans
    assert (span.owner, span.why, span.evidence) == ("c", "in-turn", (2,))
    named = "2026-03-08 10:00:00 client/1 client.assigned-in-turn to=e @case=queue/h"
    assert evaluate_ownership(IN_TURN, facts(*DESK, named), at("2026-03-09 00:00:00")).spans[0].owner == "e"


def test_of_two_claims_at_one_instant_the_sources_own_order_decides() -> None:
    second = registered("2026-03-01 10:00:00", "a") + " @sequence=1"
    first = registered("2026-03-01 10:00:00", "b")
    found = evaluate_ownership(REGISTRATION, facts(second, first), at("2026-03-02 00:00:00"))
    assert [(one.holder, one.state) for one in found.claims] == [("b", "owning"), ("a", "waiting")]


def test_a_decision_goes_before_a_claim_whichever_came_first() -> None:
    lines = [
        "2026-03-02 10:00:00 client.owner-decided owner=b by=m reason_code=x",
        registered("2026-03-03 10:00:00", "a"),
    ]
    found = evaluate_ownership(REGISTRATION, facts(*lines, case="client/1"), at("2026-03-04 00:00:00"))
    assert [one.holder for one in found.claims] == ["b", "a"]
    assert found.owner("client/1", at("2026-03-04 00:00:00")) == "b"


def test_a_thing_has_no_holder_before_the_policy_and_none_whom_nobody_saw_yet() -> None:
    lines = [
        "2019-12-31 23:59:59 stage.reached stage=paid about=early",
        "2026-06-16 10:00:00 stage.reached stage=paid about=first",
        "2026-06-18 10:00:00 record.filed form=handed-over about=first",
    ]
    found = evaluate_ownership(WAITING, facts(*lines, case="queue/car"), at("2026-06-17 00:00:00"))
    assert [(span.owner, span.since) for span in found.spans] == [("first", at("2026-06-16 10:00:00"))]
    assert found.next_change == at("2026-06-18 10:00:00")


def test_of_two_that_wait_the_dearer_one_is_first_and_then_the_earlier() -> None:
    dearer = adopting(
        HEAD
        + rule("holder", 'on = ["act.done"]', 'holder = ["about"]', 'wins = "ranked"', 'rank_field = "value"')
    )
    lines = [
        "2026-06-16 09:00:00 act.done act=order by=li about=a value=100",
        "2026-06-16 10:00:00 act.done act=order by=li about=b value=300",
        "2026-06-16 11:00:00 act.done act=order by=li about=c value=300",
        "2026-06-16 12:00:00 act.done act=order by=li about=d",
    ]
    found = evaluate_ownership(dearer, facts(*lines, case="queue/car"), at("2026-06-17 00:00:00"))
    assert [(span.owner, span.until) for span in found.spans] == [
        ("a", at("2026-06-16 10:00:00")),
        ("b", None),
    ]


def test_two_changes_within_one_second_leave_the_later_one() -> None:
    lines = [
        "2026-06-16 09:00:00 stage.reached stage=paid about=a",
        "2026-06-16 09:00:00 record.filed form=handed-over about=a",
    ]
    found = evaluate_ownership(WAITING, facts(*lines, case="queue/car"), at("2026-06-17 00:00:00"))
    assert [(span.owner, span.why) for span in found.spans] == [(None, "released")]
