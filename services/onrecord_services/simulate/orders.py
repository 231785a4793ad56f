"""Orders: repairs, paid services, passing contacts, and the papers of sold cars."""

from typing import Any

from onrecord_services.simulate.chance import Chance
from onrecord_services.simulate.complaints import ABOUT
from onrecord_services.simulate.estate import ARCHIVIST, CONSULTANTS, ENGINEERS, FLATS_PER_BUILDING, Building
from onrecord_services.simulate.story import Arrival, Story
from onrecord_services.simulate.surveys import ask
from onrecord_services.simulate.times import DAY, HOUR, MINUTE, awake

REPAIRS = ("lift", "water-leak", "heating", "security")
SERVICES = ("deep-cleaning", "furniture-moving", "lock-change")
DEFECTS = ("user-signature-missing", "internal-signature-missing", "paper-missing")
_KINDS = ("message", "chat", "call", "letter")


def repair(chance: Chance, number: str, at: int, building: Building, arrivals: list[Arrival]) -> None:
    """A repair order, its end, and the call-back within 24 hours (RENT-CRM 2.1-2)."""
    _order(chance, f"repair/WX{number}", "repair", chance.pick(REPAIRS), at, building, arrivals)


def service(chance: Chance, number: str, at: int, building: Building, arrivals: list[Arrival]) -> None:
    """A paid service; it is called back like a repair (RENT-CRM 2.2-1)."""
    _order(chance, f"service/YC{number}", "service", chance.pick(SERVICES), at, building, arrivals)


def _order(
    chance: Chance, subject: str, kind: str, about: str, at: int, building: Building, arrivals: list[Arrival]
) -> None:
    story = Story(chance, "work-orders", subject, arrivals)
    customer, _, phone = building.customer(chance.between(0, FLATS_PER_BUILDING - 1))
    receiver = chance.pick(building.receivers)
    engineer = chance.pick(ENGINEERS)
    contact(
        chance,
        f"{subject.partition('/')[2]}-1",
        at - MINUTE,
        customer,
        receiver,
        about,
        arrivals,
        case=subject,
        phone=phone,
    )
    ordered = {"customer": customer, "received_by": receiver, "building": building.id, "about": about}
    story.tell(at, f"{kind}.ordered", ordered, actor=receiver)
    if chance.yes(0.25):
        other = chance.pick(ENGINEERS)
        if other != engineer:
            pair = {"giver": engineer, "taker": other}
            offered_at = at + chance.about(40 * MINUTE)
            story.tell(offered_at, "handover.offered", pair, actor=engineer)
            story.tell(offered_at + chance.about(10 * MINUTE), "handover.accepted", pair, actor=other)
            engineer = other
    done_at = awake(at + chance.about(10 * HOUR))
    story.tell(done_at, f"{kind}.done", {"by": engineer, "received_by": receiver}, actor=engineer)
    if chance.yes(0.05):
        return
    back_at = awake(done_at + chance.about(8 * HOUR))
    called = {
        "kind": "repair" if kind == "repair" else "paid-service",
        "channel": chance.pick(("phone", "phone", "wechat", "visit")),
        "by": receiver if chance.yes(0.95) else building.manager,
        "customer": customer,
        "reached": True,
        "satisfied": chance.yes(0.9),
    }
    story.tell(back_at, "callback.made", called, actor=str(called["by"]))
    contact(
        chance, f"{subject.partition('/')[2]}-2", back_at, customer, receiver, about, arrivals, case=subject
    )
    if kind == "repair" and not called["satisfied"]:
        story.tell(back_at + MINUTE, "repair.defect-found", {}, actor=receiver)
    ask(chance, subject, back_at, customer, engineer, building.id, about, arrivals)


def contact(
    chance: Chance,
    number: str,
    at: int,
    customer: str,
    staff: str,
    about: str,
    arrivals: list[Arrival],
    *,
    case: str | None = None,
    phone: str | None = None,
) -> None:
    """One interaction, of a case or on its own."""
    kind = "call" if phone is not None else chance.pick(_KINDS)
    body: dict[str, Any] = {
        "kind": kind,
        "direction": "in" if phone is not None else "out",
        "customer": customer,
        "staff": staff,
        "about": about,
    }
    if kind == "call":
        body["duration_seconds"] = chance.about(180)
    if phone is not None:
        body["phone"] = phone
    story = Story(chance, "callcentre", f"interaction/HD-{number}", arrivals)
    story.tell(at, "interaction.logged", body, actor=staff, case=case)


def talk(chance: Chance, number: str, at: int, building: Building, arrivals: list[Arrival]) -> None:
    """A few contacts about nothing in particular."""
    customer, _, phone = building.customer(chance.between(0, FLATS_PER_BUILDING - 1))
    about = chance.pick(tuple(ABOUT))
    for turn in range(chance.between(2, 4)):
        contact(
            chance,
            f"{number}-{turn + 1}",
            at,
            customer,
            chance.pick(building.receivers),
            about,
            arrivals,
            phone=None if turn else phone,
        )
        at = awake(at + chance.about(2 * HOUR))


def car(chance: Chance, number: str, at: int, building: Building, arrivals: list[Arrival]) -> None:
    """A car's papers: due within three working days of delivery, each defect has its price (CC02)."""
    story = Story(chance, "dealer", f"archive/CL{number}", arrivals)
    consultant = chance.pick(CONSULTANTS)
    customer, _, _ = building.customer(chance.between(0, FLATS_PER_BUILDING - 1))
    delivered = {"car": f"CL{number}", "consultant": consultant, "customer": customer}
    story.tell(at, "vehicle.delivered", delivered, actor=consultant)
    if chance.yes(0.03):
        return
    days = chance.between(6, 12) if chance.yes(0.14) else chance.between(0, 2)
    handed_at = awake(at + days * DAY + chance.about(2 * HOUR))
    signed = chance.yes(0.97)
    handed = {"by": consultant, "received_by": ARCHIVIST, "both_signed": signed}
    story.tell(handed_at, "archive.handed-over", handed, actor=ARCHIVIST)
    if not signed:
        again = {**handed, "both_signed": True}
        story.tell(awake(handed_at + chance.about(6 * HOUR)), "archive.handed-over", again, actor=ARCHIVIST)
    defects = [{"kind": kind, "papers": chance.between(1, 3)} for kind in DEFECTS if chance.yes(0.15)]
    looked_at = awake(handed_at + chance.about(3 * HOUR))
    story.tell(
        looked_at, "archive.inspected", {"consultant": consultant, "defects": defects}, actor=ARCHIVIST
    )
    story.tell(looked_at + 5 * MINUTE, "archive.registered", {}, actor=ARCHIVIST)


def violation(chance: Chance, number: str, at: int, building: Building, arrivals: list[Arrival]) -> None:
    """Somebody saw an act against a policy; one in five was seen wrongly and is taken back."""
    story = Story(chance, "quality", f"violation/WG{number}", arrivals)
    person = chance.pick(building.receivers)
    seen = story.tell(
        at, "violation.observed", {"code": "not-polite", "person": person}, actor=building.manager
    )
    if chance.yes(0.2):
        back_at = awake(at + chance.about(DAY))
        story.tell(
            back_at,
            "violation.retracted",
            {"reason_code": "wrong-person"},
            actor=building.manager,
            cause=seen,
        )
