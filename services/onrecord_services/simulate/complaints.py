"""Complaints: minor and major ones under RENT-CRM, most handled as they should be, some not.

What is late or wrong is only what people did; what follows from it is for the clauses to say.
"""

from typing import Any

from onrecord_services.simulate.chance import Chance
from onrecord_services.simulate.estate import DEPARTMENTS, FLATS_PER_BUILDING, HEAD, Building
from onrecord_services.simulate.story import Arrival, Story
from onrecord_services.simulate.surveys import ask
from onrecord_services.simulate.times import DAY, HOUR, MINUTE, awake

MAJOR_SHARE = 0.18
ACCEPTED_UP_TO = 0.8
DECLINED_UP_TO = 0.95
"""Of the hand-overs offered; the rest is left lying."""
CHANNELS = ("phone", "phone", "phone", "wechat", "wechat", "visit", "app", "letter")
ABOUT = {
    "lift": "电梯又停了, 老人上不去楼",
    "water-leak": "卫生间天花板漏水",
    "noise": "楼上夜里装修, 吵得睡不着",
    "parking": "车位被别人占了",
    "cleaning": "楼道垃圾两天没人收",
    "heating": "空调不制冷",
    "security": "单元门禁坏了, 谁都能进",
    "fees": "电费算错了",
}
_CODES = tuple(ABOUT)
GROUNDS = ("1.1-2a", "1.1-2b", "1.1-2c")


def complaint(chance: Chance, number: str, at: int, building: Building, arrivals: list[Arrival]) -> None:
    """One complaint from the first word to the filed papers, or to where it was left."""
    story = Story(chance, "crm", f"complaint/TS{number}", arrivals)
    customer, name, phone = building.customer(chance.between(0, FLATS_PER_BUILDING - 1))
    receiver = chance.pick(building.receivers)
    about = chance.pick(_CODES)
    major = chance.yes(MAJOR_SHARE)
    channel = chance.pick(CHANNELS)
    case = _Case(chance, story, building, customer, receiver, about)
    if channel in {"phone", "visit", "letter"}:
        case.interaction(at - MINUTE, {"phone": "call"}.get(channel, channel), "in", phone)
    body: dict[str, Any] = {
        "severity": "major" if major else "minor",
        "channel": channel,
        "customer": customer,
        "received_by": receiver,
        "area_manager": building.manager,
        "about": about,
        "building": building.id,
        "name": name,
        "phone": phone,
        "words": ABOUT[about],
    }
    story.tell(at, "complaint.registered", body, actor=receiver)
    if major:
        story.tell(
            at + 30,
            "complaint.classified",
            {"severity": "major", "ground": chance.pick(GROUNDS)},
            actor=receiver,
        )
        case.major(at)
    else:
        case.minor(at)


class _Case:
    """What the stages of one complaint share."""

    def __init__(
        self, chance: Chance, story: Story, building: Building, customer: str, receiver: str, about: str
    ) -> None:
        self.chance, self.story, self.building = chance, story, building
        self.customer, self.receiver, self.about = customer, receiver, about
        self._contacts = 0

    def minor(self, at: int) -> None:
        """Form, plan within the hour, word to the customer within the day, solution, call-back."""
        chance, story = self.chance, self.story
        if chance.yes(0.02):
            story.tell(at + chance.about(2 * HOUR), "complaint.withdrawn", {}, actor=self.receiver)
            return
        department = chance.pick(DEPARTMENTS)
        valid = chance.yes(0.93)
        story.tell(at + 4 * MINUTE, "complaint.validity-judged", {"valid": valid}, actor=self.receiver)
        if chance.yes(0.6):
            story.tell(
                at + chance.about(25 * MINUTE), "complaint.forwarded", {"to": department}, actor=self.receiver
            )
        formed_at = at + chance.about(12 * MINUTE)
        story.tell(
            formed_at, "complaint.disposal-form-issued", {"department": department}, actor=self.receiver
        )
        formed_at += chance.about(6 * MINUTE)
        story.tell(formed_at, "complaint.disposal-form-received", {"department": department})
        planned_at = formed_at + chance.about(35 * MINUTE)
        story.tell(planned_at, "complaint.disposal-plan-signed", {"department": department})
        if chance.yes(0.2):
            self.hand_over(planned_at + chance.about(20 * MINUTE))
        shared_at = awake(max(planned_at, at + chance.about(9 * HOUR)))
        story.tell(shared_at, "complaint.progress-shared", {"channel": "phone"}, actor=self.receiver)
        self.interaction(shared_at - 2 * MINUTE, "call", "out", None)
        if chance.yes(0.04):
            self.drag_on(at, shared_at)
            return
        if chance.yes(0.12):
            asked_at = shared_at + chance.about(HOUR)
            story.tell(
                asked_at, "complaint.customer-asked", {"question_code": "when-at-home"}, actor=self.receiver
            )
            shared_at = awake(asked_at + chance.about(5 * HOUR))
            story.tell(shared_at, "complaint.customer-answered", {})
        solved_at = awake(shared_at + chance.about(20 * HOUR))
        story.tell(
            solved_at,
            "complaint.resolved",
            {"accepted_by_customer": not chance.yes(0.06)},
            actor=self.receiver,
        )
        self.call_back(solved_at, right_by=self.receiver, right_channels=("phone", "phone", "wechat"))
        self.file(solved_at, valid=valid)

    def major(self, at: int) -> None:
        """The head hears within ten minutes, the customer agrees within twelve hours, the manager visits."""
        chance, story, manager = self.chance, self.story, self.building.manager
        if chance.yes(0.95):
            issued = {"department": chance.pick(DEPARTMENTS)}
            story.tell(at + 2 * MINUTE, "complaint.disposal-form-issued", issued, actor=manager)
        reported_at = at + 30 + chance.about(5 * MINUTE)
        story.tell(reported_at, "complaint.major-reported", {"to": HEAD}, actor=manager)
        discussed_at = reported_at + chance.about(2 * HOUR)
        story.tell(discussed_at, "complaint.discussed", {}, actor=manager)
        self.interaction(discussed_at, "visit", "out", None)
        if chance.yes(0.15):
            story.tell(
                at + 11 * HOUR, "complaint.obstacle-reported", {"reason_code": "parts-missing"}, actor=manager
            )
        solved_at = discussed_at + chance.about(5 * HOUR)
        story.tell(solved_at - MINUTE, "complaint.customer-agreed", {})
        story.tell(solved_at, "complaint.resolved", {"accepted_by_customer": True}, actor=manager)
        story.tell(solved_at + MINUTE, "complaint.closed", {"agreed": not chance.yes(0.05)}, actor=manager)
        self.call_back(solved_at, right_by=manager, right_channels=("visit",))
        self.file(solved_at)

    def drag_on(self, at: int, shared_at: int) -> None:
        """Nobody solves it: the customer repeats it, and after ten days it is a major one (1.1-2D)."""
        chance, story = self.chance, self.story
        repeated_at = awake(shared_at + chance.between(2, 6) * DAY)
        story.tell(repeated_at, "complaint.repeated", {})
        self.interaction(repeated_at - MINUTE, "message", "in", None)
        up_at = awake(at + 10 * DAY + chance.about(30 * MINUTE))
        story.tell(up_at, "complaint.escalated", {"to": HEAD}, actor=self.receiver)
        solved_at = awake(up_at + chance.about(8 * HOUR))
        story.tell(
            solved_at, "complaint.resolved", {"accepted_by_customer": True}, actor=self.building.manager
        )
        story.tell(solved_at + MINUTE, "complaint.closed", {"agreed": True}, actor=self.building.manager)
        self.call_back(solved_at, right_by=self.building.manager, right_channels=("visit",))

    def hand_over(self, at: int) -> None:
        """Offered, and then accepted, declined or left lying."""
        giver = self.receiver
        taker = next(one for one in self.building.receivers if one != giver)
        pair = {"giver": giver, "taker": taker}
        self.story.tell(at, "handover.offered", {**pair, "reason_code": "shift-end"}, actor=giver)
        at += self.chance.about(15 * MINUTE)
        share = self.chance.draw()
        if share < ACCEPTED_UP_TO:
            self.story.tell(at, "handover.accepted", pair, actor=taker)
        elif share < DECLINED_UP_TO:
            self.story.tell(at, "handover.declined", {**pair, "reason_code": "too-busy"}, actor=taker)

    def call_back(self, solved_at: int, *, right_by: str, right_channels: tuple[str, ...]) -> None:
        """Within 24 hours, by the right person, in the right form; or late, wrongly, in vain, never."""
        chance = self.chance
        at = awake(solved_at + chance.about(9 * HOUR))
        if chance.yes(0.04):
            return
        by, channel = right_by, chance.pick(right_channels)
        if chance.yes(0.04):
            by = HEAD if right_by != HEAD else self.receiver
        if chance.yes(0.04):
            channel = "phone" if channel == "visit" else "letter"
        told = {"kind": "complaint", "channel": channel, "by": by, "customer": self.customer}
        while chance.yes(0.15):
            self.story.tell(at, "callback.made", {**told, "reached": False}, actor=by)
            at = awake(at + chance.about(3 * HOUR))
        satisfied = chance.yes(0.85)
        body = {**told, "reached": True, "satisfied": satisfied}
        if not satisfied:
            body["remarks"] = "说处理得太慢"
        self.story.tell(at, "callback.made", body, actor=by)
        if chance.yes(0.6):
            ask(
                chance,
                self.story.subject,
                at,
                self.customer,
                by,
                self.building.id,
                self.about,
                self.story.arrivals,
            )

    def interaction(self, at: int, kind: str, direction: str, phone: str | None) -> None:
        """The contact itself, of which the case is only the reason."""
        self._contacts += 1
        subject = f"interaction/HD-{self.story.subject.partition('/')[2]}-{self._contacts}"
        body: dict[str, Any] = {
            "kind": kind,
            "direction": direction,
            "customer": self.customer,
            "staff": self.receiver,
            "about": self.about,
        }
        if kind in {"call", "visit"}:
            body["duration_seconds"] = self.chance.about(240)
        if phone is not None:
            body["phone"] = phone
        contact = Story(self.chance, "callcentre", subject, self.story.arrivals)
        contact.tell(at, "interaction.logged", body, actor=self.receiver, case=self.story.subject)

    def file(self, solved_at: int, *, valid: bool = True) -> None:
        """The papers, within the days after; now and then one of them is missing."""
        chance, story = self.chance, self.story
        if not chance.yes(0.85):
            return
        verified_at = awake(solved_at + chance.about(2 * HOUR))
        if chance.yes(0.93):
            story.tell(verified_at, "complaint.result-verified", {}, actor=self.receiver)
        if not valid and chance.yes(0.75):
            story.tell(verified_at + HOUR, "complaint.answered", {}, actor=self.receiver)
        if chance.yes(0.93):
            story.tell(verified_at + 2 * HOUR, "complaint.opinion-attached", {}, actor=HEAD)
        filed_at = awake(verified_at + DAY + chance.about(DAY))
        story.tell(filed_at, "complaint.archived", {}, actor=self.receiver)
