"""Client cards against an oracle that counts days on the wall, and against the clocks that show the same."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from judging_builders import ZONE, at, facts, shipping
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import evaluate
from onrecord_projections.judging.ownership import evaluate_ownership

CARDS = shipping("cc13-sales")
PEOPLE = ("li", "wang")
START = datetime(2026, 6, 1, 9, tzinfo=ZONE)
NEVER = date.max


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded]:
    """What may happen to the card of one customer in five weeks."""
    lines = []
    when = START
    for _ in range(draw(st.integers(1, 16))):
        when += timedelta(hours=draw(st.integers(1, 60)), seconds=draw(st.sampled_from((0, 1))))
        who = draw(st.sampled_from(PEOPLE))
        channel = draw(st.sampled_from(("call", "sms")))
        said = draw(
            st.sampled_from(
                (
                    f"client.card-created salesperson={who} long_term=true",
                    f"client.card-created salesperson={who}",
                    "client.card-signed by=leader",
                    f"client.followed-up by={who} channel={channel}",
                    f"client.followed-up by={who} channel={channel}",
                    "client.follow-up-signed by=leader",
                    f"client.transferred to={who} by=leader",
                    "client.voided by=leader reason_code=x",
                )
            )
        )
        lines.append(f"{when:%Y-%m-%d %H:%M:%S} {said}")
    return facts(*lines, case="client/1")


class Card:
    """One card as the oracle knows it."""

    def __init__(self, holder: str, *, long_term: bool) -> None:
        self.holder, self.long_term = holder, long_term
        self.signed_at: datetime | None = None
        self.last_day = NEVER
        """The last day on which it lives."""
        self.followed = False
        self.unsigned: datetime | None = None
        self.messages = 0
        self.dead = False

    def lives(self, now: datetime) -> bool:
        return self.signed_at is not None and not self.dead and now.date() <= self.last_day

    def sign(self, now: datetime) -> None:
        self.signed_at, self.last_day = now, now.date() + timedelta(days=3)

    def follow_up(self, now: datetime, channel: str) -> None:
        self.messages = self.messages + 1 if channel == "sms" else 0
        if self.long_term and self.messages == 3:
            self.dead = True
        elif not self.followed:
            self.followed, self.last_day = True, now.date() + timedelta(days=7)
        else:
            self.unsigned = now

    def countersign(self, now: datetime) -> None:
        if self.unsigned is not None:
            counts = self.unsigned if now - self.unsigned <= timedelta(days=1) else now
            self.unsigned, self.last_day = None, counts.date() + timedelta(days=7)


def holder_at(events: Sequence[Recorded], now: datetime) -> str | None:
    """Who has the customer, told from the first event on up to an instant."""
    cards: list[Card] = []
    for event in events:
        when = event.occurred_at.astimezone(ZONE)
        if when > now:
            break
        live = [card for card in cards if card.lives(when)]
        made(cards, live, event, when)
        kept(live, event, when)
    standing = [card for card in cards if card.lives(now)]
    return first(standing).holder if standing else None


def made(cards: list[Card], live: Sequence[Card], event: Recorded, when: datetime) -> None:
    """Cards that come, take effect, or are passed on."""
    match event.type, event.data:
        case "client.card-created", {"salesperson": who}:
            if not any(c.holder == who and (c in live or c.signed_at is None) for c in cards):
                cards.append(Card(who, long_term=event.data.get("long_term", False)))
        case "client.card-signed", _:
            for card in cards:
                if card.signed_at is None:
                    card.sign(when)
        case "client.transferred", {"to": who} if not live:
            cards.append(Card(who, long_term=False))
            cards[-1].sign(when)


def kept(live: Sequence[Card], event: Recorded, when: datetime) -> None:
    """What keeps the cards that live, or ends one."""
    match event.type, event.data:
        case "client.followed-up", {"by": who, "channel": channel}:
            for card in live:
                if card.holder == who:
                    card.follow_up(when, channel)
        case "client.follow-up-signed", _:
            for card in live:
                card.countersign(when)
        case "client.voided", _ if live:
            first(live).dead = True


def first(cards: Sequence[Card]) -> Card:
    """The one signed first; two signed at once, the one made first."""
    return min(cards, key=lambda card: card.signed_at or START)


@trying(max_examples=250, deadline=None)
@given(histories())
def test_cards_live_as_long_as_somebody_who_counts_the_days_says(events: list[Recorded]) -> None:
    found = evaluate_ownership(CARDS, events, START + timedelta(days=60))
    midnights = [datetime(2026, 6, 1, tzinfo=ZONE) + timedelta(days=day) for day in range(60)]
    for moment in (*(event.occurred_at.astimezone(ZONE) for event in events), *midnights):
        for when in (moment, moment - timedelta(seconds=1)):
            assert found.owner("client/1", when) == holder_at(events, when), when


@trying(max_examples=120, deadline=None)
@given(st.integers(0, 200), st.integers(0, 120))
def test_the_clock_of_the_first_follow_up_and_the_cards_end_agree(signed: int, followed: int) -> None:
    sign = START + timedelta(hours=signed)
    follow = sign + timedelta(hours=followed)
    lines = [
        f"{START:%Y-%m-%d %H:%M:%S} client.card-created salesperson=li",
        f"{sign:%Y-%m-%d %H:%M:%S} client.card-signed by=leader",
        f"{follow:%Y-%m-%d %H:%M:%S} client.followed-up by=li channel=call",
    ]
    events = facts(*lines, case="client/1")
    (clock,) = [one for one in evaluate(CARDS, events, follow).clocks if one.clause == "CC13-C2a"]
    (claim,) = evaluate_ownership(CARDS, events, follow).claims
    assert claim.periods[0].due_at == clock.due_at
    assert (claim.state == "lapsed") == (clock.state == "breached")
    if claim.ended_at is not None and clock.due_at is not None:
        assert claim.ended_at == clock.due_at + timedelta(seconds=1)


def test_a_second_signature_moves_neither_the_clock_nor_the_card() -> None:
    events = facts(
        "2026-06-15 14:00:00 client.card-created salesperson=li",
        "2026-06-15 18:00:00 client.card-signed by=leader",
        "2026-06-17 18:00:00 client.card-signed by=leader",
        case="client/1",
    )
    found = evaluate_ownership(CARDS, events, at("2026-06-19 00:00:00"))
    (clock,) = [
        one for one in evaluate(CARDS, events, found.spans[0].since).clocks if one.clause == "CC13-C2a"
    ]
    assert [span.since for span in found.spans] == [at("2026-06-15 18:00:00"), at("2026-06-19 00:00:00")]
    assert clock.due_at == at("2026-06-18 23:59:59")
