"""Clients as their events made them, and turns: folded, with nothing around them."""

import re
import tomllib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import onrecord_services.desk
from judging_builders import facts
from onrecord_services.desk.client.state import Client, fold
from onrecord_services.desk.client.turns import next_of, order_of

DESK = Path(onrecord_services.desk.__file__).parent


def test_a_client_is_what_his_events_made_him() -> None:
    lines = (
        "2026-03-03 10:00:00 client.registered salesperson=a full_name=true phone_given=true customer=C-7",
        "2026-03-03 11:00:00 client.registered salesperson=b full_name=true phone_given=true group=true",
        "2026-03-03 12:00:00 client.card-created salesperson=b card=K-1",
        "2026-03-03 13:00:00 client.card-signed by=m card=K-1",
        "2026-03-04 10:00:00 client.followed-up by=b channel=call",
        "2026-03-04 11:00:00 client.related relative=client/w relation=spouse",
        "2026-03-04 12:00:00 client.group-introduced by=b to=s",
    )
    assert fold(facts(*lines)) == Client(
        customer="C-7",
        claimants=("a", "b"),
        group=True,
        introduced=True,
        relatives=frozenset({"client/w"}),
        cards={"K-1": "b"},
        signed=frozenset({"K-1"}),
        followed_up_by="b",
        met=True,
    )


def test_a_signature_without_a_number_is_for_every_card_there_is() -> None:
    lines = (
        "2026-03-03 12:00:00 client.card-created salesperson=b card=K-1",
        "2026-03-03 12:30:00 client.card-created salesperson=c",
        "2026-03-03 13:00:00 client.card-signed by=m",
        "2026-03-03 14:00:00 client.followed-up by=b channel=call",
        "2026-03-03 15:00:00 client.follow-up-signed by=m",
    )
    client = fold(facts(*lines))
    assert (client.signed, client.cards) == (frozenset({"K-1", "c"}), {"K-1": "b", "c": "c"})
    assert client.followed_up_by is None


def test_a_refusal_makes_nobody_known() -> None:
    line = "2026-03-03 12:00:00 decision.refused command=client.register by=a reason=has-an-owner"
    assert fold(facts(line)) == Client()


def test_who_took_a_turn_goes_to_the_end_and_who_is_away_keeps_his_place() -> None:
    lines = (
        "2026-03-08 08:30:00 queue.set members=c,d,e",
        "2026-03-08 10:00:00 queue.turn-taken person=c client=N-1",
        "2026-03-08 10:05:00 queue.turn-taken person=e client=N-2",
        "2026-03-08 10:06:00 queue.turn-taken person=x client=N-3",
    )
    order = order_of(facts(*lines))
    assert order == ("d", "c", "e")
    assert next_of(order, frozenset({"d"})) == "c"
    assert next_of(order, frozenset({"c", "d", "e"})) is None
    assert order_of([]) == ()


@settings(deadline=None)
@given(st.integers(1, 40))
def test_turns_go_round_and_nobody_gets_two_more_than_another(newcomers: int) -> None:
    told = facts("2026-03-08 08:30:00 queue.set members=c,d,e")
    got = dict.fromkeys("cde", 0)
    for nth in range(newcomers):
        person = next_of(order_of(told), frozenset())
        assert person is not None
        got[person] += 1
        told += facts(f"2026-03-08 10:00:00 queue.turn-taken person={person} client=N-{nth}")
    assert max(got.values()) - min(got.values()) <= 1


def test_every_reason_of_clients_has_words_and_none_is_left_over() -> None:
    said: set[str] = set()
    for path in sorted((DESK / "client").glob("*.py")):
        said |= set(re.findall(r'Refused\(\s*"([a-z-]+)"(?: if [a-z. ]+ else "[a-z-]+")?', path.read_text()))
        said |= set(re.findall(r'Refused\(\s*"[a-z-]+" if [a-z. ]+ else "([a-z-]+)"', path.read_text()))
    assert set(tomllib.loads((DESK / "reasons.toml").read_text())["client"]) == said
