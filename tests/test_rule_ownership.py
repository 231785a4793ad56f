"""Whose client it is, by the rules alone: stories by hand, and an oracle that asks instant by instant."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from judging_builders import HEAD, ZONE, adopting, at, facts, policy, shipping
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import RulebookError, Settings, load
from onrecord_projections.judging.ownership import Ownership, evaluate_ownership, turns_of
from onrecord_projections.judging.ownership.said import span_said

REGISTRATION = shipping("re-reg")


def rule(name: str, *lines: str, id_: str | None = None) -> str:
    """One ownership clause."""
    head = f'id = "{id_ or name}"\ncites = "1"\nsays_en = "Says."\nsays_zh = "说。"\nkind = "ownership"'
    example = (
        '[[clause.example]]\nname = "nothing"\nlog = []\nas_of = "2026-01-01 00:00:00"\nexpect = "no owner"'
    )
    return "\n".join(("[[clause]]", head, f'rule = "{name}"', *lines, example, ""))


SIGNING = """
[[clause]]
id = "signing"
cites = "1"
says_en = "Signed in a day."
says_zh = "一天内签字。"
kind = "clock"
starts_on = ["client.followed-up"]
stops_on = ["client.follow-up-signed"]
measure = "elapsed"
target = "PT24H"

[[clause.example]]
name = "nothing happened"
log = []
as_of = "2026-01-01 00:00:00"
expect = "no clock"
"""

CARDS = HEAD + "".join(
    (
        SIGNING,
        rule("claim", 'on = ["client.card-created"]'),
        rule("validity", 'on = ["client.card-signed"]'),
        rule("lapse", 'on = ["client.followed-up"]', 'phase = "first"', 'after = "P3D"', id_="first"),
        rule(
            "lapse",
            'on = ["client.followed-up"]',
            'phase = "later"',
            'after = "P7D"',
            'signed_on = ["client.follow-up-signed"]',
            'signed_within = "signing"',
            id_="later",
        ),
        rule(
            "void",
            'on = [{ event = "client.followed-up", where = { channel = "sms" } }]',
            'resets_on = [{ event = "client.followed-up", unless = { channel = "sms" } }]',
            "times = 3",
            "flags = { long_term = true }",
            id_="messages",
        ),
        rule("void", 'on = ["client.voided"]', id_="cancelled"),
        rule("transfer", 'on = ["client.transferred"]', 'holder = ["to"]'),
        rule("relatives", 'on = ["client.related"]'),
        rule("override", 'on = ["client.owner-decided"]', 'holder = ["owner"]'),
        rule("restore", 'on = [{ event = "violation.observed", where = { code = "swapped" } }]'),
    )
)
CARD = adopting(CARDS)


def told(settings: Settings, lines: Iterable[str], as_of: str, client: str = "client/1") -> list[str]:
    """Every span of one client, in words."""
    found = evaluate_ownership(settings, facts(*lines, case="client/1"), at(as_of))
    return [
        f"{span_said(span, ZONE)}, {span.clause} {span.why}" for span in found.spans if span.client == client
    ]


def registered(when: str, who: str, *, name: bool = True, phone: bool = True) -> str:
    return (
        f"{when} client.registered salesperson={who} full_name={str(name).lower()} "
        f"phone_given={str(phone).lower()}"
    )


CARD_OF_LI = (
    "2026-06-15 14:00:00 client.card-created salesperson=li",
    "2026-06-15 18:00:00 client.card-signed by=leader",
)


def test_the_first_whole_registration_owns_and_each_loss_moves_the_next_one_up() -> None:
    lines = [
        registered("2026-03-01 10:00:00", "a", phone=False),
        registered("2026-03-01 16:00:00", "b"),
        registered("2026-03-02 09:00:00", "c"),
        "2026-03-03 09:00:00 client.completed salesperson=a phone_given=true",
    ]
    assert told(REGISTRATION, lines, "2026-04-01 00:00:00") == [
        "owner b since 2026-03-01 16:00:00, RE-REG-4 first-claim",
        "owner c since 2026-03-12 00:00:00, RE-REG-3 next-in-line",
        "owner a since 2026-03-13 00:00:00, RE-REG-3 next-in-line",
        "nobody since 2026-03-14 00:00:00 (lapsed), RE-REG-3 lapsed",
    ]


def test_a_lost_claim_needs_a_new_registration() -> None:
    lines = [
        registered("2026-03-01 10:00:00", "a"),
        "2026-03-12 00:00:00 client.followed-up by=a channel=call",
        registered("2026-03-13 10:00:00", "a"),
    ]
    assert told(REGISTRATION, lines, "2026-03-14 00:00:00") == [
        "owner a since 2026-03-01 10:00:00, RE-REG-4 first-claim",
        "nobody since 2026-03-12 00:00:00 (lapsed), RE-REG-3 lapsed",
        "owner a since 2026-03-13 10:00:00, RE-REG-4 first-claim",
    ]


@pytest.mark.parametrize(
    "sign",
    [
        "client.followed-up by=a channel=call",
        "client.dealt by=a",
        "client.registered salesperson=a full_name=true phone_given=true",
    ],
)
def test_each_record_of_the_holder_gives_ten_more_days(sign: str) -> None:
    lines = [registered("2026-03-01 10:00:00", "a"), f"2026-03-11 23:59:59 {sign}"]
    assert told(REGISTRATION, lines, "2026-03-31 00:00:00") == [
        "owner a since 2026-03-01 10:00:00, RE-REG-4 first-claim",
        "nobody since 2026-03-22 00:00:00 (lapsed), RE-REG-3 lapsed",
    ]


def test_a_record_of_somebody_else_gives_nothing() -> None:
    lines = [
        registered("2026-03-01 10:00:00", "a"),
        "2026-03-11 10:00:00 client.followed-up by=b channel=call",
    ]
    assert told(REGISTRATION, lines, "2026-03-12 00:00:00")[-1].startswith("nobody since 2026-03-12")


def test_the_manager_decides_above_the_rules_and_anew() -> None:
    lines = [
        registered("2026-03-01 10:00:00", "a"),
        "2026-03-02 10:00:00 client.owner-decided owner=b by=m reason_code=x",
        "2026-04-02 10:00:00 client.owner-decided owner=c by=m reason_code=x",
    ]
    assert told(REGISTRATION, lines, "2026-12-01 00:00:00") == [
        "owner a since 2026-03-01 10:00:00, RE-REG-4 first-claim",
        "owner b since 2026-03-02 10:00:00, RE-REG-9 decided",
        "owner c since 2026-04-02 10:00:00, RE-REG-9 decided",
    ]


def test_relatives_are_one_client_from_the_proof_on() -> None:
    lines = [
        registered("2026-03-03 09:00:00", "a").replace("client.", "client/h client.", 1),
        registered("2026-03-05 09:00:00", "b").replace("client.", "client/w client.", 1),
        "2026-03-08 09:00:00 client/h client.followed-up by=a channel=call",
        "2026-03-08 09:00:00 client/w client.followed-up by=b channel=call",
        "2026-03-10 15:00:00 client/w client.related relative=client/h relation=spouse",
    ]
    assert told(REGISTRATION, lines, "2026-03-20 00:00:00", "client/w") == [
        "owner b since 2026-03-05 09:00:00, RE-REG-4 first-claim",
        "owner a since 2026-03-10 15:00:00, RE-REG-5 related",
        "nobody since 2026-03-19 00:00:00 (lapsed), RE-REG-3 lapsed",
    ]


def test_a_follow_up_counts_for_the_whole_family_once_it_is_one() -> None:
    lines = [
        registered("2026-03-03 09:00:00", "a").replace("client.", "client/h client.", 1),
        "2026-03-10 15:00:00 client/w client.related relative=client/h relation=spouse",
        "2026-03-12 09:00:00 client/w client.followed-up by=a channel=visit",
    ]
    assert told(REGISTRATION, lines, "2026-03-22 00:00:00", "client/h") == [
        "owner a since 2026-03-03 09:00:00, RE-REG-4 first-claim"
    ]


def test_what_was_claimed_is_shown_with_its_state() -> None:
    lines = [
        registered("2026-03-01 10:00:00", "a", phone=False),
        registered("2026-03-01 16:00:00", "b"),
        registered("2026-03-02 09:00:00", "c"),
        registered("2026-03-02 10:00:00", "d") + " source=phone",
    ]
    found = evaluate_ownership(REGISTRATION, facts(*lines, case="client/1"), at("2026-03-03 00:00:00"))
    assert [(one.holder, one.state) for one in found.claims] == [
        ("a", "incomplete"),
        ("b", "owning"),
        ("c", "waiting"),
    ]
    assert [(one.position, one.clause, one.why) for one in found.refused] == [
        (4, "RE-REG-2", "gives-no-claim")
    ]
    assert found.spans[0].evidence == (2,)
    assert found.claims[1].periods[0].due_at == at("2026-03-11 23:59:59")
    assert found.next_change == at("2026-03-12 00:00:00")


def test_turns_go_round_and_a_recorded_turn_goes_before_the_order() -> None:
    lines = [
        "2026-03-08 08:30:00 queue/h queue.set members=c,d,e",
        "2026-03-08 10:00:00 client/1 client.assigned-in-turn to=d @case=queue/h",
        "2026-03-08 11:00:00 client/2 client.referred newcomer=2 by_customer=o present=false @case=queue/h",
        "2026-03-08 12:00:00 client/3 client.referred newcomer=3 by_customer=o present=false @case=queue/h",
        "2026-03-08 12:30:00 client/3 client.assigned-in-turn to=d @case=queue/h",
        "2026-03-08 13:00:00 client/4 client.referred newcomer=4 by_customer=o present=false @case=queue/h",
    ]
    turns = turns_of(REGISTRATION, facts(*lines))
    assert [(turn.client, turn.person) for turn in turns] == [
        ("client/1", "d"),
        ("client/2", "c"),
        ("client/3", "e"),
        ("client/3", "d"),
        ("client/4", "e"),
    ]
    found = evaluate_ownership(REGISTRATION, facts(*lines), at("2026-03-09 00:00:00"))
    assert found.owner("client/3", at("2026-03-08 12:15:00")) == "e"
    assert found.owner("client/3", at("2026-03-09 00:00:00")) == "d"


def test_without_an_order_of_turns_only_who_is_named_gets_the_newcomer() -> None:
    absent = "2026-03-08 10:00:00 client.referred newcomer=1 by_customer=o present=false original=a"
    assert told(REGISTRATION, [absent], "2026-03-09 00:00:00") == []
    desk = "2026-03-08 10:05:00 client.assigned-in-turn to=c"
    assert told(REGISTRATION, [absent, desk], "2026-03-09 00:00:00") == [
        "owner c since 2026-03-08 10:05:00, RE-REG-6-turn in-turn"
    ]


def test_a_split_is_kept_with_the_owner() -> None:
    lines = [
        registered("2026-03-06 10:00:00", "a") + " group=true",
        "2026-03-09 10:00:00 client.split-decided shares=a:60,b:40",
    ]
    assert told(REGISTRATION, lines, "2026-03-10 00:00:00") == [
        "owner a since 2026-03-06 10:00:00, RE-REG-8-first referred",
        "owner a since 2026-03-09 10:00:00, shares a 60 b 40, RE-REG-8 decided",
    ]


def test_a_card_lapses_is_nobodys_and_begins_afresh_when_passed_on() -> None:
    lines = [
        *CARD_OF_LI,
        "2026-06-19 10:00:00 client.transferred to=wang by=leader",
        "2026-06-22 23:59:59 client.followed-up by=wang channel=call",
    ]
    assert told(CARD, lines, "2026-06-30 00:00:00") == [
        "owner li since 2026-06-15 18:00:00, claim first-claim",
        "nobody since 2026-06-19 00:00:00 (lapsed), first lapsed",
        "owner wang since 2026-06-19 10:00:00, transfer transferred",
        "nobody since 2026-06-30 00:00:00 (lapsed), later lapsed",
    ]


def test_a_live_card_is_not_passed_on() -> None:
    lines = [*CARD_OF_LI, "2026-06-17 10:00:00 client.transferred to=wang by=leader"]
    found = evaluate_ownership(CARD, facts(*lines), at("2026-06-18 00:00:00"))
    assert [(one.position, one.why) for one in found.refused] == [(3, "still-held")]
    assert [span.owner for span in found.spans] == ["li"]


@pytest.mark.parametrize(
    ("signed", "over"),
    [
        pytest.param("2026-06-21 10:00:00", "2026-06-28 00:00:00", id="in-24-hours-the-follow-up-counts"),
        pytest.param("2026-06-21 10:00:01", "2026-06-29 00:00:00", id="later-the-day-of-signing-counts"),
        pytest.param("2026-06-24 00:00:00", "2026-06-24 00:00:00", id="unsigned-when-the-week-ends"),
    ],
)
def test_when_a_follow_up_is_signed_says_from_which_day_it_counts(signed: str, over: str) -> None:
    lines = [
        *CARD_OF_LI,
        "2026-06-16 10:00:00 client.followed-up by=li channel=call",
        "2026-06-20 10:00:00 client.followed-up by=li channel=call",
        f"{signed} client.follow-up-signed by=leader",
    ]
    found = evaluate_ownership(CARD, facts(*lines), at("2026-07-10 00:00:00"))
    assert found.claims[0].ended_at == at(over)


def test_the_first_follow_up_counts_from_its_own_day_however_late_it_is_signed() -> None:
    lines = [
        *CARD_OF_LI,
        "2026-06-16 10:00:00 client.followed-up by=li channel=call",
        "2026-06-19 10:00:00 client.follow-up-signed by=leader",
    ]
    found = evaluate_ownership(CARD, facts(*lines), at("2026-07-10 00:00:00"))
    assert found.claims[0].ended_at == at("2026-06-24 00:00:00")


def test_of_two_decisions_on_relatives_the_later_one_holds() -> None:
    lines = [
        "2026-03-01 10:00:00 client/h client.owner-decided owner=a by=m reason_code=x",
        "2026-03-02 10:00:00 client/w client.owner-decided owner=b by=m reason_code=x",
        "2026-03-03 10:00:00 client/w client.related relative=client/h relation=spouse",
    ]
    assert told(REGISTRATION, lines, "2026-03-04 00:00:00", "client/h") == [
        "owner a since 2026-03-01 10:00:00, RE-REG-9 decided",
        "owner b since 2026-03-03 10:00:00, RE-REG-5 related",
    ]


def test_three_messages_in_a_row_void_a_long_term_customers_card() -> None:
    lines = [
        "2026-05-30 09:00:00 client.card-created salesperson=li long_term=true",
        "2026-05-30 10:00:00 client.card-signed by=leader",
        "2026-06-01 10:00:00 client.followed-up by=li channel=sms",
        "2026-06-02 10:00:00 client.followed-up by=li channel=sms",
        "2026-06-03 10:00:00 client.followed-up by=li channel=call",
        "2026-06-04 10:00:00 client.followed-up by=li channel=sms",
        "2026-06-05 10:00:00 client.followed-up by=li channel=sms",
        "2026-06-06 10:00:00 client.followed-up by=wang channel=call",
        "2026-06-07 10:00:00 client.followed-up by=li channel=sms",
    ]
    assert told(CARD, lines[:-1], "2026-06-07 12:00:00")[-1].startswith("owner li")
    assert told(CARD, lines, "2026-06-07 12:00:00")[-1] == (
        "nobody since 2026-06-07 10:00:00 (voided), messages voided"
    )
    unmarked = [line.replace(" long_term=true", "") for line in lines]
    assert told(CARD, unmarked, "2026-06-07 12:00:00")[-1].startswith("owner li")


def test_of_two_cards_the_first_signature_holds_and_a_void_card_does_not_compete() -> None:
    lines = [
        "2026-06-15 09:00:00 client/1 client.card-created salesperson=li",
        "2026-06-15 10:00:00 client/2 client.card-created salesperson=wang",
        "2026-06-15 11:00:00 client/2 client.card-signed by=leader",
        "2026-06-15 12:00:00 client/1 client.card-signed by=leader",
        "2026-06-16 09:00:00 client/1 client.related relative=client/2 relation=same",
        "2026-06-17 09:00:00 client/2 client.voided by=leader reason_code=x",
    ]
    assert told(CARD, lines, "2026-06-18 00:00:00") == [
        "owner li since 2026-06-15 12:00:00, claim first-claim",
        "owner wang since 2026-06-16 09:00:00, relatives related",
        "owner li since 2026-06-17 09:00:00, cancelled next-in-line",
    ]


def test_two_cards_on_one_stream_are_told_apart_by_their_number() -> None:
    lines = [
        "2026-06-15 09:00:00 client.card-created salesperson=li card=K1",
        "2026-06-15 10:00:00 client.card-created salesperson=wang card=K2",
        "2026-06-15 11:00:00 client.card-signed by=leader card=K2",
    ]
    assert told(CARD, lines, "2026-06-16 00:00:00") == [
        "owner wang since 2026-06-15 11:00:00, claim first-claim"
    ]


def test_an_exchange_is_proposed_back_to_the_first_signed_holder() -> None:
    lines = [
        *CARD_OF_LI,
        "2026-06-16 10:00:00 client.owner-decided owner=wang by=li reason_code=x",
        "2026-06-17 10:00:00 violation/1 violation.observed code=swapped person=li @case=client/1",
    ]
    found = evaluate_ownership(CARD, facts(*lines, case="client/1"), at("2026-06-18 00:00:00"))
    assert [(one.client, one.to, one.position) for one in found.proposals] == [("client/1", "li", 4)]
    assert found.owner("client/1", at("2026-06-18 00:00:00")) == "wang"


def test_a_withdrawn_policy_says_nothing_about_owners_any_more() -> None:
    gone = policy(50, "rulebook.withdrawn", "2026-06-16T00:00:00+08:00", pack="test")
    found = evaluate_ownership(CARD.evolve(gone), facts(*CARD_OF_LI), at("2026-06-17 00:00:00"))
    assert [(span.owner, span.until) for span in found.spans] == [("li", at("2026-06-16 00:00:00"))]
    assert found.owner("complaint/1", at("2026-06-17 00:00:00")) is None


def test_two_policies_of_one_tenant_each_say_whose_it_is() -> None:
    both = adopting(CARDS)
    both = replace(both, packs={**both.packs, **REGISTRATION.packs})
    lines = [registered("2026-06-15 10:00:00", "b"), *CARD_OF_LI]
    found = evaluate_ownership(both, facts(*lines, case="client/1"), at("2026-06-16 00:00:00"))
    assert [(span.pack, span.owner) for span in found.spans] == [("re-reg", "b"), ("test", "li")]


MARKED = adopting(
    HEAD
    + rule(
        "holder",
        'on = [{ event = "stage.reached", where = { stage = "car-marked" } }]',
        'wins = "first"',
        'ends_on = [{ event = "act.done", where = { act = "sell-car" } }]',
        id_="mark",
    )
    + rule("holder", 'on = [{ event = "role.assigned", where = { role = "mentor" } }]', id_="mentor")
)


def test_a_thing_is_its_holders_from_the_first_mark_until_it_ends() -> None:
    lines = [
        "2026-06-16 10:00:00 stage.reached stage=car-marked by=li",
        "2026-06-16 11:00:00 stage.reached stage=car-marked by=wang",
        "2026-06-17 10:00:00 act.done act=sell-car by=li",
        "2026-06-17 11:00:00 stage.reached stage=car-marked by=wang",
        "2026-06-18 11:00:00 role.assigned person=a role=mentor",
        "2026-06-19 11:00:00 role.assigned person=b role=mentor",
    ]
    found = evaluate_ownership(MARKED, facts(*lines), at("2026-06-20 00:00:00"))
    assert [(span.line, span.owner, span.since) for span in found.spans] == [
        ("mark", "li", at("2026-06-16 10:00:00")),
        ("mark", None, at("2026-06-17 10:00:00")),
        ("mark", "wang", at("2026-06-17 11:00:00")),
        ("mentor", "a", at("2026-06-18 11:00:00")),
        ("mentor", "b", at("2026-06-19 11:00:00")),
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (('on = ["client.followed-up"]',), "either `after`"),
        (('on = ["client.followed-up"]', 'as_clock = "nowhere"'), "'nowhere' is no clock"),
        (('on = ["client.followed-up"]', 'after = "P1M"'), "calendar_days"),
        (('on = ["client.followed-up"]', 'after = "P1D"', "times = 3"), "`times` does not belong"),
        (('on = ["queue.set"]', 'after = "P1D"'), "queue.set has none of the fields"),
        (('on = [{ event = "client.dealt", facts = { card = "x" } }]', 'after = "P1D"'), "no `facts`"),
    ],
)
def test_a_lapse_that_cannot_be_meant_is_refused(lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(RulebookError, match=message):
        load(HEAD + rule("lapse", *lines))


STREAMS, PEOPLE = ("client/1", "client/2", "client/3"), ("a", "b", "c")
DAY_ONE = datetime(2026, 3, 1, 8, tzinfo=ZONE)
HOURS = st.integers(0, 24 * 40)


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded]:
    """What salespeople might do with three clients in forty days."""
    lines = []
    for _ in range(draw(st.integers(1, 14))):
        stream, who = draw(st.sampled_from(STREAMS)), draw(st.sampled_from(PEOPLE))
        yes = draw(st.sampled_from(("true", "true", "false")))
        said = draw(
            st.sampled_from(
                (
                    f"client.registered salesperson={who} full_name=true phone_given={yes}",
                    f"client.registered salesperson={who} full_name=true phone_given=true source=phone",
                    f"client.completed salesperson={who} phone_given={yes}",
                    f"client.followed-up by={who} channel=call",
                    f"client.dealt by={who}",
                    f"client.related relative={draw(st.sampled_from(STREAMS))} relation=spouse",
                    f"client.owner-decided owner={who} by=m reason_code=x",
                )
            )
        )
        when = DAY_ONE + timedelta(hours=draw(HOURS))
        lines.append(f"{when:%Y-%m-%d %H:%M:%S} {stream} {said}")
    return facts(*lines)


def owner_at(events: Sequence[Recorded], client: str, when: datetime) -> str | None:
    """Whose client it is at one instant, asked of all that had happened by then; nothing is carried over."""
    past = sorted((e for e in events if e.occurred_at <= when), key=lambda e: (e.occurred_at, e.position))
    family = one_with(past, client)
    decided = [e for e in past if e.type == "client.owner-decided" and e.stream in family]
    if decided:
        return str(decided[-1].data["owner"])
    claims = [
        (since, who)
        for stream in family
        for who in PEOPLE
        if (since := claim_since(past, stream, who, when)) is not None
    ]
    return min(claims)[1] if claims else None


def one_with(past: Sequence[Recorded], client: str) -> set[str]:
    found = {client}
    for _ in STREAMS:
        for event in past:
            if event.type == "client.related" and found & {event.stream, event.data["relative"]}:
                found |= {event.stream, event.data["relative"]}
    return found


def claim_since(
    past: Sequence[Recorded], stream: str, who: str, when: datetime
) -> tuple[datetime, int] | None:
    """Since when somebody has had a living claim on one stream, by counting days on the wall."""
    known: set[str] = set()
    since: tuple[datetime, int] | None = None
    last = when
    begun = False
    for nth, event in enumerate(past):
        if since and (event.occurred_at.astimezone(ZONE).date() - last.date()).days > 10:
            since, begun, known = None, False, set()
        here = event.stream == stream
        mine = who in (event.data.get("salesperson"), event.data.get("by"))
        by_phone = event.data.get("source") == "phone"
        if not mine or by_phone:
            continue
        if event.type == "client.registered" and here:
            begun = True
        if event.type in ("client.registered", "client.completed") and here and begun and since is None:
            known |= {field for field in ("full_name", "phone_given") if event.data.get(field)}
            if len(known) == 2:
                since, last = (event.occurred_at, event.position), event.occurred_at.astimezone(ZONE)
        elif (
            since
            and event.type in ("client.registered", "client.followed-up", "client.dealt")
            and event.stream in one_with(past[: nth + 1], stream)
        ):
            last = event.occurred_at.astimezone(ZONE)
    if since and (when.astimezone(ZONE).date() - last.date()).days > 10:
        return None
    return since


def instants(events: Sequence[Recorded]) -> list[datetime]:
    """Every instant at which anything could change, and the second before each."""
    days = [datetime(2026, 3, 1, tzinfo=ZONE) + timedelta(days=n) for n in range(55)]
    found = [*(event.occurred_at for event in events), *days]
    return [moment - shift for moment in found for shift in (timedelta(), timedelta(seconds=1))]


@trying(max_examples=150, deadline=None)
@given(histories())
def test_the_spans_are_what_somebody_who_asks_at_every_instant_is_told(events: list[Recorded]) -> None:
    found = evaluate_ownership(REGISTRATION, events, datetime(2026, 5, 1, tzinfo=ZONE))
    for when in instants(events):
        for client in STREAMS:
            assert found.owner(client, when) == owner_at(events, client, when), (client, when)


@trying(max_examples=60, deadline=None)
@given(histories(), st.integers(0, 45), st.randoms(use_true_random=False))
def test_an_earlier_look_is_a_look_at_what_had_happened_by_then(
    events: list[Recorded], day: int, shuffled: random.Random
) -> None:
    as_of = DAY_ONE + timedelta(days=day)
    looked = evaluate_ownership(REGISTRATION, events, as_of)
    past = [event for event in events if event.occurred_at <= as_of]
    assert looked.spans == evaluate_ownership(REGISTRATION, past, as_of).spans
    again = [*events, *(msgspec.structs.replace(event, position=event.position + 100) for event in events)]
    shuffled.shuffle(again)
    assert evaluate_ownership(REGISTRATION, again, as_of) == looked


@trying(max_examples=60, deadline=None)
@given(histories(), st.integers(0, 40))
def test_nothing_changes_before_it_is_said_to(events: list[Recorded], day: int) -> None:
    as_of = DAY_ONE + timedelta(days=day)
    looked = evaluate_ownership(REGISTRATION, events, as_of)
    if looked.next_change is None:
        later = evaluate_ownership(REGISTRATION, events, as_of + timedelta(days=400))
        assert owners(later, as_of + timedelta(days=400)) == owners(looked, as_of)
    else:
        eve = looked.next_change - timedelta(seconds=1)
        assert looked.next_change > as_of
        assert owners(evaluate_ownership(REGISTRATION, events, eve), eve) == owners(looked, as_of)


def owners(found: Ownership, when: datetime) -> list[str | None]:
    return [found.owner(client, when) for client in STREAMS]
